import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Passkey } from './passkey.entity.js';

/** A passkey as its user sees it. */
export type PasskeyRow = Pick<Passkey, 'id' | 'userId' | 'name' | 'backedUp' | 'createdAt' | 'lastUsedAt'>;

interface RawPasskey {
  id: string;
  user_id: string;
  name: string;
  backed_up: boolean;
  created_at: string;
  last_used_at: string | null;
}

const columns = sql`id, user_id, name, backed_up, created_at, last_used_at`;

/** Those of all these users, the oldest first. */
export async function findPasskeysOf(em: EntityManager, userIds: readonly string[]): Promise<PasskeyRow[]> {
  const { rows } = await sql<RawPasskey>`
    select ${columns} from passkeys where user_id = any(${userIds}::uuid[])
    order by user_id, created_at, id`.execute(em.getKysely());
  return rows.map(toPasskeyRow);
}

/** What authenticators call the user's passkeys, and how browsers reach them. */
export async function findCredentialsOf(
  em: EntityManager,
  userId: string,
): Promise<Pick<Passkey, 'credentialId' | 'transports'>[]> {
  const { rows } = await sql<{ credential_id: Uint8Array; transports: string[] }>`
    select credential_id, transports from passkeys where user_id = ${userId}::uuid
    order by created_at, id`.execute(em.getKysely());
  return rows.map(({ credential_id, transports }) => ({ credentialId: Buffer.from(credential_id), transports }));
}

/** Keeps the user as they are until the transaction ends; false if they may not sign in any more. */
export async function lockActiveUser(em: EntityManager, userId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from users where id = ${userId}::uuid and is_active for no key update`.execute(em.getKysely());
  return rows.length > 0;
}

/**
 * Adds a passkey, unless the user has so many that there is no room, or somebody has one of that name. The user is
 * locked before it, so that of several at once none is counted too late.
 */
export async function insertPasskey(
  em: EntityManager,
  passkey: Passkey,
  most: number,
): Promise<'inserted' | 'no room' | 'taken'> {
  const { credentialId, publicKey, counter, transports } = passkey;
  const { rows } = await sql<{ room: boolean; inserted: boolean }>`
    with room as (
      select count(*) < ${most} as room from passkeys where user_id = ${passkey.userId}::uuid
    ), inserted as (
      insert into passkeys
        (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
      select ${passkey.id}::uuid, ${passkey.userId}::uuid, ${credentialId}::bytea, ${publicKey}::bytea,
        ${counter}::bigint, ${transports}::text[], ${passkey.backedUp}::boolean, ${passkey.name},
        ${passkey.createdAt}::timestamptz
      from room where room
      on conflict (credential_id) do nothing
      returning id
    )
    select room, exists (select from inserted) as inserted from room`.execute(em.getKysely());
  if (rows[0]?.inserted) return 'inserted';
  return rows[0]?.room ? 'taken' : 'no room';
}

/** The passkey as it was, or null if the user has no such one. */
export async function deletePasskey(em: EntityManager, userId: string, id: string): Promise<PasskeyRow | null> {
  const { rows } = await sql<RawPasskey>`
    delete from passkeys where id = ${id}::uuid and user_id = ${userId}::uuid returning ${columns}`.execute(
    em.getKysely(),
  );
  return rows[0] ? toPasskeyRow(rows[0]) : null;
}

function toPasskeyRow(row: RawPasskey): PasskeyRow {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    backedUp: row.backed_up,
    createdAt: new Date(row.created_at),
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at),
  };
}
