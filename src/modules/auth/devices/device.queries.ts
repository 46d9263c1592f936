import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { RememberedDevice } from './device.types.js';

/** A device that shows a token. */
export interface ShownDevice {
  readonly userId: string;
  /** What the token may have been kept as. */
  readonly hashes: readonly Buffer[];
  readonly now: Date;
}

/** That the device is remembered, by that user; `userId` may be a column. */
export function isRemembered(
  userId: RawBuilder<unknown>,
  { hashes, now }: Omit<ShownDevice, 'userId'>,
): RawBuilder<unknown> {
  if (hashes.length === 0) return sql`false`;
  return sql`exists (select from remembered_devices d where ${matches(userId, hashes, now)})`;
}

/** Notes that a remembered device was used, if the condition holds; to be part of a larger statement. */
export function useDevice(
  { userId, hashes, now }: ShownDevice,
  { ipAddress, userAgent }: Device,
  condition: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    update remembered_devices d set last_used_at = ${now}, ip_address = ${ipAddress}, user_agent = ${userAgent}
    where ${matches(sql`${userId}::uuid`, hashes, now)} and ${condition}`;
}

function matches(userId: RawBuilder<unknown>, hashes: readonly Buffer[], now: Date): RawBuilder<unknown> {
  return sql`d.user_id = ${userId} and d.token_hash in (${sql.join(hashes)}) and d.expires_at > ${now}`;
}

export interface NewDevice {
  readonly id: string;
  readonly userId: string;
  readonly hash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly device: Device;
}

export async function insertDevice(em: EntityManager, remembered: NewDevice): Promise<void> {
  const { id, userId, hash, createdAt, expiresAt, device } = remembered;
  await sql`
    insert into remembered_devices (id, user_id, token_hash, created_at, last_used_at, expires_at, ip_address, user_agent)
    values (${id}::uuid, ${userId}::uuid, ${hash}::bytea, ${createdAt}, ${createdAt}, ${expiresAt},
      ${device.ipAddress}, ${device.userAgent})`.execute(em.getKysely());
}

type RawDevice = Omit<RememberedDevice, 'createdAt' | 'lastUsedAt' | 'expiresAt'> & {
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
};

const columns = sql`id, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt",
  ip_address as "ipAddress", user_agent as "userAgent"`;

/** The devices that the user has remembered, newest first. */
export async function findDevices(em: EntityManager, userId: string, now: Date): Promise<RememberedDevice[]> {
  const { rows } = await sql<RawDevice>`
    select ${columns} from remembered_devices where user_id = ${userId}::uuid and expires_at > ${now}
    order by created_at desc, id desc`.execute(em.getKysely());
  return rows.map(toDevice);
}

/** The device as it was, or null where the user has none of that id; `record` makes the event of it. */
export async function deleteDevice(
  em: EntityManager,
  { id, userId, now }: { readonly id: string; readonly userId: string; readonly now: Date },
  record: (condition: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<RememberedDevice | null> {
  const { rows } = await sql<RawDevice>`
    with forgotten as (
      delete from remembered_devices where id = ${id}::uuid and user_id = ${userId}::uuid and expires_at > ${now}
      returning ${columns}
    ), event as (${record(sql`exists (select from forgotten)`)})
    select * from forgotten`.execute(em.getKysely());
  return rows[0] ? toDevice(rows[0]) : null;
}

function toDevice(row: RawDevice): RememberedDevice {
  const { createdAt, lastUsedAt, expiresAt } = row;
  return {
    ...row,
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    expiresAt: new Date(expiresAt),
  };
}
