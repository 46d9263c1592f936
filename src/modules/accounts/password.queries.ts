import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Device, NewRefreshToken, TokenHolder } from '../auth/sessions/refresh-token.queries.js';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../users/user.queries.js';

export interface PasswordReplacement {
  readonly userId: string;
  readonly passwordHash: string;
  /** What must be so of the account's row besides. */
  readonly condition: RawBuilder<unknown>;
  /** The address that whoever chooses it has proved to be theirs; null where none is. */
  readonly provenEmail: string | null;
  readonly now: Date;
}

export interface ChangedPassword {
  readonly user: UserRow;
  readonly tokenVersion: number;
}

/**
 * Gives the account another password, whereupon the database ends its sessions but for the transaction's own. Null when
 * the condition does not hold.
 */
export async function replacePassword(
  em: EntityManager,
  { userId, passwordHash, condition, provenEmail, now }: PasswordReplacement,
): Promise<ChangedPassword | null> {
  // The time is never the same twice: by its change the triggers see that the password did.
  const { rows } = await sql<RawUserRow & { token_version: number }>`
    update users set password_hash = ${passwordHash},
      password_changed_at = greatest(${now}, password_changed_at + interval '1 millisecond'),
      email_verified_at = case when email = ${provenEmail} then coalesce(email_verified_at, ${now})
        else email_verified_at end
    where id = ${userId}::uuid and is_active and ${condition}
    returning ${userColumns()}, token_version`.execute(em.getKysely());
  return rows[0] ? { user: toUserRow(rows[0]), tokenVersion: rows[0].token_version } : null;
}

/** Says which session a new password leaves alone, until the transaction ends. */
export async function spareSession(em: EntityManager, sessionId: string): Promise<void> {
  await sql`select set_config('postern.own_session', ${sessionId}, true)`.execute(em.getKysely());
}

/** Ends the refresh tokens of the session and gives it a new one; null if it has ended. */
export async function renewSession(
  em: EntityManager,
  { user, tokenVersion }: ChangedPassword,
  sessionId: string,
  token: NewRefreshToken,
  device: Device,
): Promise<TokenHolder | null> {
  const { rows } = await sql<{ amr: string[]; authenticated_at: string }>`
    with session as (
      update sessions set last_used_at = ${token.issuedAt}, expires_at = ${token.expiresAt},
        ip_address = ${device.ipAddress}, user_agent = ${device.userAgent}
      where id = ${sessionId}::uuid and user_id = ${user.id}::uuid and ended_at is null
      returning id, user_id, amr, authenticated_at
    ), ended as (
      update refresh_tokens set blacklisted_at = ${token.issuedAt}
      where session_id in (select id from session) and blacklisted_at is null
    ), issued as (
      insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
      select ${token.jti}::uuid, id, user_id, ${token.issuedAt}, ${token.expiresAt} from session
    )
    select amr, authenticated_at from session`.execute(em.getKysely());
  const [row] = rows;
  if (row === undefined) return null;
  return { user, sessionId, tokenVersion, amr: row.amr, authenticatedAt: new Date(row.authenticated_at) };
}

/** The user who has the address, without regard to case, and may sign in. */
export async function findActiveByEmail(em: EntityManager, email: string): Promise<UserRow | null> {
  const { rows } = await sql<RawUserRow>`
    select ${userColumns()} from users where lower(email) = lower(${email}) and is_active`.execute(em.getKysely());
  return rows[0] ? toUserRow(rows[0]) : null;
}

/** Keeps the account as it is until the transaction ends. */
export async function lockAccount(em: EntityManager, userId: string): Promise<void> {
  await sql`select 1 from users where id = ${userId}::uuid for no key update`.execute(em.getKysely());
}

/** No device is spared the second factor any more. */
export async function forgetDevices(em: EntityManager, userId: string): Promise<void> {
  await sql`delete from remembered_devices where user_id = ${userId}::uuid`.execute(em.getKysely());
}
