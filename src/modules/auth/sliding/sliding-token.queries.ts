import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import {
  type Device,
  holderColumns,
  type RawHolder,
  type TokenHolder,
  toHolder,
} from '../sessions/refresh-token.queries.js';

export interface SessionUse {
  readonly sessionId: string;
  readonly userId: string;
  /** What the token that is presented says of its user's. */
  readonly tokenVersion: number;
  readonly now: Date;
  readonly device: Device;
}

/**
 * Marks a live session as used; null if it has ended, or its user may not sign in. The session that a password is changed
 * in goes on, but not with a token from before: whoever knew the old password may hold that as well. The version tells it
 * from one that came after, which the time in the token cannot, be it in whole seconds or of a refresh at the same instant.
 */
export async function useSession(em: EntityManager, use: SessionUse): Promise<TokenHolder | null> {
  const { sessionId, userId, tokenVersion, now, device } = use;
  const { rows } = await sql<RawHolder>`
    update sessions s set last_used_at = ${now}, ip_address = ${device.ipAddress}, user_agent = ${device.userAgent}
    from users u
    where s.id = ${sessionId}::uuid and s.user_id = ${userId}::uuid and u.id = s.user_id
      and s.ended_at is null and u.is_active
      and (u.token_version = ${tokenVersion} or u.password_changed_at is null or u.password_changed_at <= s.created_at)
    returning s.id as session_id, ${holderColumns}`.execute(em.getKysely());
  const [row] = rows;
  return row ? toHolder(row) : null;
}
