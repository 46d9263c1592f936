import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../../users/user.queries.js';

/** A user together with what the claims of an access token need. */
export interface TokenHolder {
  readonly user: UserRow;
  readonly sessionId: string;
  readonly tokenVersion: number;
  /** How the session began, and when. */
  readonly amr: readonly string[];
  readonly authenticatedAt: Date;
}

export interface RawHolder extends RawUserRow {
  session_id: string;
  token_version: number;
  amr: string[];
  authenticated_at: string;
}

export interface Device {
  readonly ipAddress: string;
  readonly userAgent: string | null;
}

/** The claims of a refresh token that is about to be issued. */
export interface NewRefreshToken {
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** A refresh token that is presented. */
export interface TokenUse {
  readonly jti: string;
  /** Tokens that expire at this time or before count as expired. */
  readonly expiredBy: Date;
  readonly device: Device;
}

/** Of the users `u` and the sessions `s`, whose id each statement adds. */
export const holderColumns = sql`${userColumns('u')}, u.token_version, s.amr, s.authenticated_at`;

/**
 * What makes a refresh token usable besides its signature; every refresh and check obeys this one condition.
 * `expiredBy` is now less the leeway.
 */
const usable = (expiredBy: Date): RawBuilder<unknown> => sql`
  t.blacklisted_at is null and t.expires_at > ${expiredBy} and s.ended_at is null and u.is_active`;

const presented = (jti: string): RawBuilder<unknown> => sql`
  t.jti = ${jti}::uuid and s.id = t.session_id and u.id = s.user_id`;

/**
 * Rotates a refresh token: one guarded statement, whose row count is the verdict. Of any number of parallel calls
 * with one token, the row lock lets one win; the others find the token rotated, and get null. The session is locked
 * before its tokens, as it is where it ends: the other way round the two would wait for each other.
 */
export async function rotateRefreshToken(
  em: EntityManager,
  { jti, expiredBy, device }: TokenUse,
  successor: NewRefreshToken,
  blacklistAfterRotation: boolean,
): Promise<TokenHolder | null> {
  const now = successor.issuedAt;
  const { rows } = await sql<RawHolder>`
    with session as materialized (
      select s.id, s.user_id, s.ended_at, s.amr, s.authenticated_at from refresh_tokens t join sessions s on s.id = t.session_id
      where t.jti = ${jti}::uuid for update of s
    ), rotated as (
      update refresh_tokens t set rotated_at = ${now}, successor_jti = ${successor.jti}::uuid
      from session s, users u
      where ${presented(jti)} and ${usable(expiredBy)} ${blacklistAfterRotation ? sql`and t.rotated_at is null` : sql``}
      returning t.session_id, ${holderColumns}
    ), issued as (
      insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
      select ${successor.jti}::uuid, session_id, id, ${now}, ${successor.expiresAt} from rotated
    ), used as (
      update sessions set last_used_at = ${now}, expires_at = ${successor.expiresAt},
        ip_address = ${device.ipAddress}, user_agent = ${device.userAgent}
      where id in (select session_id from rotated)
    )
    select * from rotated`.execute(em.getKysely());
  return rows[0] ? toHolder(rows[0]) : null;
}

/** Marks a session as used by a refresh token that stays as it is (rotation is off); null if the token is not usable. */
export async function useRefreshToken(
  em: EntityManager,
  { jti, expiredBy, device }: TokenUse,
  now: Date,
  blacklistAfterRotation: boolean,
): Promise<TokenHolder | null> {
  const { rows } = await sql<RawHolder>`
    update sessions s set last_used_at = ${now}, ip_address = ${device.ipAddress}, user_agent = ${device.userAgent}
    from refresh_tokens t, users u
    where ${presented(jti)} and ${usable(expiredBy)} ${blacklistAfterRotation ? sql`and t.rotated_at is null` : sql``}
    returning s.id as session_id, ${holderColumns}`.execute(em.getKysely());
  return rows[0] ? toHolder(rows[0]) : null;
}

/** The state of a refresh token that is not usable, or was not at its last use. */
export interface RefreshTokenState {
  readonly holder: TokenHolder;
  readonly userActive: boolean;
  readonly usable: boolean;
  readonly rotatedAt: Date | null;
  /** The token that took its place. */
  readonly successor: (NewRefreshToken & { readonly rotated: boolean; readonly usable: boolean }) | null;
}

interface RawState extends RawHolder {
  usable: boolean;
  rotated_at: string | null;
  successor_jti: string | null;
  successor_issued_at: string;
  successor_expires_at: string;
  successor_rotated: boolean;
  successor_usable: boolean;
}

export async function findRefreshTokenState(
  em: EntityManager,
  jti: string,
  expiredBy: Date,
): Promise<RefreshTokenState | null> {
  const { rows } = await sql<RawState>`
    select t.session_id, ${holderColumns}, t.rotated_at, (${usable(expiredBy)}) as usable,
      n.jti as successor_jti, n.issued_at as successor_issued_at, n.expires_at as successor_expires_at,
      n.rotated_at is not null as successor_rotated,
      (n.blacklisted_at is null and n.expires_at > ${expiredBy}) as successor_usable
    from refresh_tokens t
    join sessions s on s.id = t.session_id
    join users u on u.id = s.user_id
    left join refresh_tokens n on n.jti = t.successor_jti
    where t.jti = ${jti}::uuid`.execute(em.getKysely());
  return rows[0] ? toState(rows[0]) : null;
}

export function toHolder(row: RawHolder): TokenHolder {
  return {
    user: toUserRow(row),
    sessionId: row.session_id,
    tokenVersion: row.token_version,
    amr: row.amr,
    authenticatedAt: new Date(row.authenticated_at),
  };
}

function toState(row: RawState): RefreshTokenState {
  return {
    holder: toHolder(row),
    userActive: row.is_active,
    usable: row.usable,
    rotatedAt: row.rotated_at === null ? null : new Date(row.rotated_at),
    successor:
      row.successor_jti === null
        ? null
        : {
            jti: row.successor_jti,
            issuedAt: new Date(row.successor_issued_at),
            expiresAt: new Date(row.successor_expires_at),
            rotated: row.successor_rotated,
            usable: row.successor_usable,
          },
  };
}
