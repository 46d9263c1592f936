import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../users/user.queries.js';
import { isKept } from './kept-address.js';

/**
 * Notes that the address is verified, if it still is the one that the link was mailed to, and ends all of its links. `good`
 * says which row the link's token is. Null when it is no good. As everywhere, the user's row is locked before the tokens'.
 */
export async function verifyAddress(em: EntityManager, good: RawBuilder<unknown>, now: Date): Promise<UserRow | null> {
  const { rows } = await sql<RawUserRow>`
    with link as (select user_id, data->>'email' as email from one_time_tokens where ${good}), verified as (
      update users set email_verified_at = ${now} from link
      where users.id = link.user_id and users.email = link.email and users.email_verified_at is null
      returning ${userColumns('users')}
    ), used as (
      delete from one_time_tokens
      where user_id in (select id from verified) and purpose = 'EMAIL_VERIFICATION'
    )
    select * from verified`.execute(em.getKysely());
  return rows[0] ? toUserRow(rows[0]) : null;
}

/** Whether the account may have the address: no other one has it, or had it lately. */
export async function isFree(em: EntityManager, email: string, userId: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    select 1 where ${isFreeFor(sql`${email}`, sql`${userId}::uuid`, now)}`.execute(em.getKysely());
  return rows.length > 0;
}

export interface ChangedAddress {
  readonly before: UserRow;
  readonly user: UserRow;
  readonly tokenVersion: number;
}

interface RawChangedAddress extends RawUserRow {
  token_version: number;
  old_email: string;
  old_username: string;
  old_email_verified_at: string | null;
}

/**
 * Gives the account the address that the link was mailed to, which proves it, and its user name too where that was the old
 * address. With the address all links end, this one too. Null when the token is no good, or the address is not free. The
 * unique index decides between parallel calls: the loser's statement fails.
 */
export async function replaceAddress(
  em: EntityManager,
  good: RawBuilder<unknown>,
  now: Date,
): Promise<ChangedAddress | null> {
  const { rows } = await sql<RawChangedAddress>`
    with link as (select user_id, data->>'newEmail' as email from one_time_tokens where ${good})
    update users set email = link.email, email_verified_at = ${now},
      username = case when lower(users.username) = lower(users.email) then link.email else users.username end
    from link join users before on before.id = link.user_id
    where users.id = before.id and users.email = before.email and users.is_active
      and ${isFreeFor(sql`link.email`, sql`before.id`, now)}
    returning ${userColumns('users')}, users.token_version, before.email as old_email, before.username as old_username,
      before.email_verified_at as old_email_verified_at`.execute(em.getKysely());
  return rows[0] ? toChangedAddress(rows[0]) : null;
}

function isFreeFor(email: RawBuilder<unknown>, userId: RawBuilder<unknown>, now: Date): RawBuilder<unknown> {
  return sql`not exists (select from users other where lower(other.email) = lower(${email}) and other.id <> ${userId})
    and not ${isKept(email, now, userId)}`;
}

function toChangedAddress(row: RawChangedAddress): ChangedAddress {
  const user = toUserRow(row);
  const { old_email: email, old_username: username, old_email_verified_at: verifiedAt } = row;
  const emailVerifiedAt = verifiedAt === null ? null : new Date(verifiedAt);
  return { user, before: { ...user, email, username, emailVerifiedAt }, tokenVersion: row.token_version };
}
