import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { SecurityEvent } from './security-event.entity.js';

/** An event as the database driver hands it over. */
export interface SecurityEventRow extends Omit<SecurityEvent, 'createdAt'> {
  readonly createdAt: string;
}

/** All columns, under the entity's names. */
export const securityEventColumns = sql`id, type, user_id as "userId", actor_id as "actorId", session_id as "sessionId",
  ip_address as "ipAddress", user_agent as "userAgent", detail, created_at as "createdAt"`;

/** A plain object in the entity's shape. */
export function toSecurityEvent(row: SecurityEventRow): SecurityEvent {
  return {
    id: row.id,
    type: row.type,
    userId: row.userId,
    actorId: row.actorId,
    sessionId: row.sessionId,
    ipAddress: row.ipAddress,
    userAgent: row.userAgent,
    detail: row.detail,
    createdAt: new Date(row.createdAt),
  };
}

/** Removes the oldest events, a batch of those before the time, and returns how many: docs/security-events.md, Retention. */
export async function purgeSecurityEvents(em: EntityManager, before: Date, batch: number): Promise<number> {
  const { rows } = await sql<{ purged: number }>`
    select purge_security_events(${before}::timestamptz, ${batch}) as purged`.execute(em.getKysely());
  return rows[0]?.purged ?? 0;
}
