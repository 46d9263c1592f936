import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { type RawUserRow, toUserRow, userColumns } from '../../users/user.queries.js';
import type { Device, NewRefreshToken, TokenHolder } from '../sessions/refresh-token.queries.js';
import { type ConditionalInsert, furtherParts } from './conditional-insert.js';
import type { Sighting } from './sightings.js';

export interface SignIn {
  readonly userId: string;
  /** What must hold of the user's row beside that it is active. */
  readonly unchanged: RawBuilder<unknown>;
  /** A new hash of the same password, when the parameters have changed since it was made. */
  readonly rehash: string | null;
  /** Whether it shows that the user reads the account's mail. */
  readonly verifiesEmail: boolean;
  readonly sessionId: string;
  readonly token: NewRefreshToken;
  /** Whether the token has a row of its own. */
  readonly recorded: boolean;
  readonly device: Device;
  readonly seen: Sighting;
  /** How the user has proved who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly updateLastLogin: boolean;
}

/** What is written down of a sign-in. */
export interface SignInRecords {
  readonly always: readonly ConditionalInsert[];
  /** If the account does not know the device. */
  readonly ifNew: readonly ConditionalInsert[];
}

interface RawSignIn extends RawUserRow {
  token_version: number;
}

/**
 * Opens a session: one statement, guarded by what was checked before it. Null when the account was deactivated or
 * something else that was looked at has changed. Of two sign-ins from one new device at once, one is the first.
 */
export async function openSession(
  em: EntityManager,
  signIn: SignIn,
  { always, ifNew }: SignInRecords,
): Promise<TokenHolder | null> {
  const { userId, sessionId, token, device, seen } = signIn;
  const now = token.issuedAt;
  const isNew = sql`exists (select from device where is_new)`;
  const { rows } = await sql<RawSignIn>`
    with account as (
      update users set
        last_login_at = ${signIn.updateLastLogin ? sql`${now}` : sql`last_login_at`},
        password_hash = coalesce(${signIn.rehash}, password_hash),
        email_verified_at = coalesce(email_verified_at, ${signIn.verifiesEmail ? now : null}::timestamptz)
      where id = ${userId}::uuid and is_active and ${signIn.unchanged}
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
    ), network as (${remember('network', seen.network, now)}
    ), agent as (${remember('agent', seen.agent, now)}
    ), device as (
      select network.is_new and ${anyKnown('network', userId)} or agent.is_new and ${anyKnown('agent', userId)} as is_new
      from network, agent
    ) ${furtherParts('event', always, sql`exists (select from account)`)}
    ${furtherParts('notice', ifNew, isNew)}
    select * from account`.execute(em.getKysely());
  const row = rows[0];
  if (row === undefined) return null;
  const { amr } = signIn;
  return { user: toUserRow(row), sessionId, tokenVersion: row.token_version, amr, authenticatedAt: now };
}

/** A row that a conflict has made an update of another has had a locker, which a new one has not. */
function remember(what: 'network' | 'agent', value: string | Buffer, now: Date): RawBuilder<unknown> {
  return sql`
      insert into ${knownTable(what)} (user_id, ${sql.ref(what)}, last_used_at) select id, ${value}, ${now} from account
      on conflict (user_id, ${sql.ref(what)}) do update set last_used_at = excluded.last_used_at
      returning xmax = 0 as is_new`;
}

/** Before this statement: the first sign-in of all is from no new device. */
function anyKnown(what: 'network' | 'agent', userId: string): RawBuilder<unknown> {
  return sql`exists (select from ${knownTable(what)} where user_id = ${userId}::uuid)`;
}

function knownTable(what: 'network' | 'agent'): RawBuilder<unknown> {
  return sql.table(`known_${what}s`);
}
