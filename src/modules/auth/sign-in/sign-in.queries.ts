import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { type RawUserRow, toUserRow, userColumns } from '../../users/user.queries.js';
import type { Device, NewRefreshToken, TokenHolder } from '../sessions/refresh-token.queries.js';

/** What sign-in needs to know of an account before the password is checked. */
export interface Credentials {
  readonly userId: string;
  readonly passwordHash: string;
  readonly isActive: boolean;
}

/** Looks an account up by user name or e-mail address, without regard to case. */
export async function findCredentials(em: EntityManager, identifier: string): Promise<Credentials | null> {
  const column = identifier.includes('@') ? sql`lower(email)` : sql`lower(username)`;
  const { rows } = await sql<{ id: string; password_hash: string; is_active: boolean }>`
    select id, password_hash, is_active from users where ${column} = lower(${identifier})`.execute(em.getKysely());
  const row = rows[0];
  return row ? { userId: row.id, passwordHash: row.password_hash, isActive: row.is_active } : null;
}

export interface SignIn {
  readonly credentials: Credentials;
  /** A new hash of the same password, when the parameters have changed since it was made. */
  readonly rehash: string | null;
  readonly sessionId: string;
  readonly token: NewRefreshToken;
  /** Whether the token has a row of its own. */
  readonly recorded: boolean;
  readonly device: Device;
  readonly network: string;
  /** How the user has proved who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly updateLastLogin: boolean;
}

/** Makes the statement that records a sign-in, if the account is still there and as it was. */
export type RecordSignIn = (condition: RawBuilder<unknown>) => RawBuilder<unknown>;

interface RawSignIn extends RawUserRow {
  token_version: number;
}

/**
 * Opens a session: one statement, guarded by what was checked before it. Null when the account was deactivated or its
 * password changed while the hash was being computed.
 */
export async function openSession(
  em: EntityManager,
  signIn: SignIn,
  record: RecordSignIn,
): Promise<TokenHolder | null> {
  const { credentials, sessionId, token, device } = signIn;
  const now = token.issuedAt;
  const { rows } = await sql<RawSignIn>`
    with account as (
      update users set
        last_login_at = ${signIn.updateLastLogin ? sql`${now}` : sql`last_login_at`},
        password_hash = coalesce(${signIn.rehash}, password_hash)
      where id = ${credentials.userId}::uuid and is_active and password_hash = ${credentials.passwordHash}
      returning ${userColumns()}, token_version
    ), session as (
      insert into sessions
        (id, user_id, created_at, last_used_at, expires_at, ip_address, user_agent, amr, authenticated_at)
      select ${sessionId}::uuid, id, ${now}, ${now}, ${token.expiresAt}, ${device.ipAddress}, ${device.userAgent},
        ${signIn.amr}::text[], ${now}
      from account
    ), token as (
      insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
      select ${token.jti}::uuid, ${sessionId}::uuid, id, ${now}, ${token.expiresAt} from account
      where ${signIn.recorded}::boolean
    ), network as (
      insert into known_networks (user_id, network, last_used_at)
      select id, ${signIn.network}, ${now} from account
      on conflict (user_id, network) do update set last_used_at = excluded.last_used_at
    ), event as (${record(sql`exists (select from account)`)})
    select * from account`.execute(em.getKysely());
  const row = rows[0];
  if (row === undefined) return null;
  const { amr } = signIn;
  return { user: toUserRow(row), sessionId, tokenVersion: row.token_version, amr, authenticatedAt: now };
}
