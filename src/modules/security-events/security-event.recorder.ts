import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../common/clock.js';
import { newId } from '../../common/ids.js';
import type { NewSecurityEvent } from './security-event.types.js';

/** Longer ones are cut: a user agent is whatever its sender makes it. */
const longestUserAgent = 512;

/** Writes security events, in the transaction of what they tell; the database chains them when it commits. */
export class SecurityEventRecorder {
  constructor(private readonly clock: Clock) {}

  async record(em: EntityManager, event: NewSecurityEvent): Promise<void> {
    await this.insert(event).execute(em.getKysely());
  }

  /** The statement, to be part of a larger one: the event is written if the condition holds. */
  insert(event: NewSecurityEvent, condition: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
    return sql`
      insert into security_events
        (id, type, user_id, actor_id, session_id, ip_address, user_agent, detail, created_at)
      select ${newId(this.clock)}::uuid, ${event.type}, ${event.userId}::uuid, ${event.actorId}::uuid,
        ${event.sessionId}::uuid, ${event.ipAddress}, ${event.userAgent?.slice(0, longestUserAgent) ?? null},
        ${event.detail ?? null}, ${new Date(this.clock.now())}::timestamptz
      where ${condition}`;
  }
}
