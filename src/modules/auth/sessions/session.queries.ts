import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Session } from './session.entity.js';

export type SessionRow = Pick<
  Session,
  'id' | 'userId' | 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'ipAddress' | 'userAgent'
>;

/** A session as the database driver hands it over. */
export interface RawSession {
  id: string;
  user_id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  ip_address: string | null;
  user_agent: string | null;
}

export const sessionColumns = sql`id, user_id, created_at, last_used_at, expires_at, ip_address, user_agent`;

/** The user's live sessions, newest first. */
export async function findLiveSessions(em: EntityManager, userId: string, now: Date): Promise<SessionRow[]> {
  const { rows } = await sql<RawSession>`
    select ${sessionColumns} from sessions
    where user_id = ${userId}::uuid and ended_at is null and expires_at > ${now}
    order by created_at desc, id desc`.execute(em.getKysely());
  return rows.map(toSessionRow);
}

/** The truth about an access token, which memory only repeats. */
export interface AccessTokenState {
  readonly userActive: boolean;
  readonly sessionLive: boolean;
  readonly tokenVersion: number;
}

/** Null when the user is gone. */
export async function findAccessTokenState(
  em: EntityManager,
  claims: { readonly sessionId: string; readonly userId: string },
): Promise<AccessTokenState | null> {
  const { rows } = await sql<{ is_active: boolean; session_live: boolean; token_version: number }>`
    select u.is_active, u.token_version, s.id is not null as session_live
    from users u left join sessions s on s.id = ${claims.sessionId}::uuid and s.user_id = u.id and s.ended_at is null
    where u.id = ${claims.userId}::uuid`.execute(em.getKysely());
  const row = rows[0];
  return row ? { userActive: row.is_active, sessionLive: row.session_live, tokenVersion: row.token_version } : null;
}

export function toSessionRow(row: RawSession): SessionRow {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: new Date(row.created_at),
    lastUsedAt: new Date(row.last_used_at),
    expiresAt: new Date(row.expires_at),
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
  };
}
