import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Session } from './session.entity.js';

export type SessionRow = Pick<
  Session,
  'id' | 'userId' | 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'ipAddress' | 'userAgent'
>;

interface RawSession {
  id: string;
  user_id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  ip_address: string | null;
  user_agent: string | null;
}

/** The user's live sessions, newest first. */
export async function findLiveSessions(em: EntityManager, userId: string, now: Date): Promise<SessionRow[]> {
  const { rows } = await sql<RawSession>`
    select id, user_id, created_at, last_used_at, expires_at, ip_address, user_agent from sessions
    where user_id = ${userId}::uuid and ended_at is null and expires_at > ${now}
    order by created_at desc, id desc`.execute(em.getKysely());
  return rows.map(toSessionRow);
}

function toSessionRow(row: RawSession): SessionRow {
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
