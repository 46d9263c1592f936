import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { FactorMethod } from '../../../common/second-factor-method.js';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../../users/user.queries.js';
import type { SecondFactor } from './second-factor.types.js';

interface RawFactor {
  user_id: string;
  method: FactorMethod;
  confirmed_at: string;
  last_used_at: string | null;
}

const factorColumns = sql`user_id, method, confirmed_at, last_used_at`;

/** The factors of each user, in the order of their names. */
export async function findFactors(em: EntityManager, userIds: readonly string[]): Promise<Map<string, SecondFactor[]>> {
  const { rows } = await sql<RawFactor>`
    select ${factorColumns} from second_factors where user_id = any(${userIds}::uuid[])
    order by method`.execute(em.getKysely());
  const byUser = new Map(userIds.map((userId): [string, SecondFactor[]] => [userId, []]));
  for (const row of rows) byUser.get(row.user_id)?.push(toFactor(row));
  return byUser;
}

/** A user as they are once their factors are about to change. */
export interface ChangingUser {
  readonly user: UserRow;
  readonly factors: readonly FactorMethod[];
}

/**
 * Begins a change of a user's factors: whoever signs in or changes them as well waits, or sees that they have changed. Null
 * where the account is gone or inactive, or has another password than the one that was confirmed.
 */
export async function beginChange(
  em: EntityManager,
  userId: string,
  { passwordHash = null, verifiedAt = null }: { passwordHash?: string | null; verifiedAt?: Date | null },
): Promise<ChangingUser | null> {
  const { rows } = await sql<RawUserRow>`
    update users set factor_version = factor_version + 1,
      email_verified_at = coalesce(email_verified_at, ${verifiedAt}::timestamptz)
    where id = ${userId}::uuid and is_active and password_hash = coalesce(${passwordHash}, password_hash)
    returning ${userColumns()}`.execute(em.getKysely());
  const [row] = rows;
  if (row === undefined) return null;
  // Only now: the statement above may have waited for another change, and has not seen what came of it.
  const factors = (await findFactors(em, [userId])).get(userId) ?? [];
  return { user: toUserRow(row), factors: factors.map(({ method }) => method) };
}

export interface NewFactor {
  readonly userId: string;
  readonly method: FactorMethod;
  /** Of TOTP, encrypted. */
  readonly secret: Buffer | null;
  /** Of TOTP: the time step of the code that confirmed it. */
  readonly lastStep: number | null;
  readonly confirmedAt: Date;
}

/** Adds a factor, or puts it into the place of the one of its kind. */
export async function putFactor(em: EntityManager, factor: NewFactor): Promise<SecondFactor> {
  const { userId, method, secret, lastStep, confirmedAt } = factor;
  const { rows } = await sql<RawFactor>`
    insert into second_factors (user_id, method, secret, last_step, confirmed_at)
    values (${userId}::uuid, ${method}, ${secret}::bytea, ${lastStep}::bigint, ${confirmedAt})
    on conflict (user_id, method) do update set secret = excluded.secret, last_step = excluded.last_step,
      confirmed_at = excluded.confirmed_at, last_used_at = null
    returning ${factorColumns}`.execute(em.getKysely());
  const [row] = rows;
  if (row === undefined) throw new Error('A second factor that was written is not there.');
  return toFactor(row);
}

/** False if there is none. */
export async function deleteFactor(em: EntityManager, userId: string, method: FactorMethod): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from second_factors where user_id = ${userId}::uuid and method = ${method}`.execute(em.getKysely());
  return numAffectedRows === 1n;
}

export interface TotpFactor {
  readonly secret: Buffer;
  /** The newest time step that a code was taken for. */
  readonly lastStep: number;
}

export async function findTotp(em: EntityManager, userId: string): Promise<TotpFactor | null> {
  const { rows } = await sql<{ secret: Uint8Array; last_step: string }>`
    select secret, last_step from second_factors where user_id = ${userId}::uuid and method = 'TOTP'`.execute(
    em.getKysely(),
  );
  const [row] = rows;
  return row ? { secret: Buffer.from(row.secret), lastStep: Number(row.last_step) } : null;
}

/** Of any number of codes of one time step, in whatever challenge, one is taken (RFC 6238, section 5.2). */
export async function useTotpStep(em: EntityManager, userId: string, step: number, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factors set last_step = ${step}, last_used_at = ${now}
    where user_id = ${userId}::uuid and method = 'TOTP' and last_step < ${step}`.execute(em.getKysely());
  return numAffectedRows === 1n;
}

/** Who must have a second factor and has none uses this one all the same, and has no row. */
export async function useMailedCode(em: EntityManager, userId: string, now: Date): Promise<void> {
  await sql`
    update second_factors set last_used_at = ${now}
    where user_id = ${userId}::uuid and method = 'EMAIL'`.execute(em.getKysely());
}

/** Replaces all of a user's recovery codes. */
export async function replaceRecoveryCodes(
  em: EntityManager,
  userId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await deleteRecoveryCodes(em, userId);
  await sql`
    insert into recovery_codes (user_id, hash)
    values ${sql.join(hashes.map((hash) => sql`(${userId}::uuid, ${hash}::bytea)`))}`.execute(em.getKysely());
}

export async function deleteRecoveryCodes(em: EntityManager, userId: string): Promise<void> {
  await sql`delete from recovery_codes where user_id = ${userId}::uuid`.execute(em.getKysely());
}

export async function hasRecoveryCode(em: EntityManager, userId: string, hashes: readonly Buffer[]): Promise<boolean> {
  const { rows } = await sql`
    select 1 from recovery_codes where user_id = ${userId}::uuid and hash in (${sql.join(hashes)})`.execute(
    em.getKysely(),
  );
  return rows.length > 0;
}

/** Of any number of parallel calls one uses the code up. Returns how many are left; null for who was too late. */
export async function useRecoveryCode(
  em: EntityManager,
  userId: string,
  hashes: readonly Buffer[],
): Promise<number | null> {
  const { rows } = await sql<{ left: number }>`
    with used as (
      delete from recovery_codes where user_id = ${userId}::uuid and hash in (${sql.join(hashes)}) returning hash
    )
    select (select count(*)::integer from recovery_codes where user_id = ${userId}::uuid) - 1 as left from used`.execute(
    em.getKysely(),
  );
  return rows[0]?.left ?? null;
}

function toFactor({ method, confirmed_at, last_used_at }: RawFactor): SecondFactor {
  return {
    method,
    confirmedAt: new Date(confirmed_at),
    lastUsedAt: last_used_at === null ? null : new Date(last_used_at),
  };
}
