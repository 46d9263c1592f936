import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { OneTimeTokenPurpose } from '../one-time-tokens/one-time-token.types.js';

type Sql = RawBuilder<unknown>;

/** Whose tokens, and which of the user's sessions it is that something happens to or in. */
export interface RevocationTarget {
  readonly userId: string;
  /** Null where there is none. */
  readonly sessionId: string | null;
}

/** Which of a user's sessions end. */
interface EndingSessions {
  readonly own: boolean;
  readonly others: boolean;
}

export interface RevocationStatement {
  readonly target: RevocationTarget;
  readonly sessions: EndingSessions;
  /** Why, for whoever reads the table. */
  readonly reason: string;
  readonly purposes: readonly OneTimeTokenPurpose[];
  /** Whether the user's remembered devices end. */
  readonly devices: boolean;
  /** The security event; `ended` is what it may depend on. */
  readonly event: Sql;
  readonly now: Date;
}

export interface EndedSession {
  readonly id: string;
  readonly wasLive: boolean;
}

/** Ends what it says in one statement; the database announces each session to every instance at commit. */
export async function endTokens(em: EntityManager, statement: RevocationStatement): Promise<EndedSession[]> {
  const { target, sessions, reason, purposes, devices, event, now } = statement;
  const { rows } = await sql<{ id: string; was_live: boolean }>`
    with ended as (
      update sessions set ended_at = ${now}, end_reason = ${reason}
      where user_id = ${target.userId}::uuid and ended_at is null and ${matches(target, sessions)}
      returning id, expires_at > ${now} as was_live
    ), recorded as (${event}), forgotten as (
      delete from one_time_tokens where user_id = ${target.userId}::uuid and purpose = any(${purposes}::text[])
    ), unknown_devices as (
      delete from remembered_devices where user_id = ${target.userId}::uuid and ${devices}::boolean
    )
    select * from ended`.execute(em.getKysely());
  return rows.map((row) => ({ id: row.id, wasLive: row.was_live }));
}

function matches({ sessionId }: RevocationTarget, { own, others }: EndingSessions): Sql {
  if (own && others) return sql`true`;
  if (own) return sql`id = ${sessionId}::uuid`;
  return others ? sql`id is distinct from ${sessionId}::uuid` : sql`false`;
}
