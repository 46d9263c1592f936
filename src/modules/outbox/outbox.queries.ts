import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';

/** An item that this worker has taken: nobody else does until its time is over. */
export interface TakenItem {
  readonly id: string;
  readonly kind: string;
  readonly payload: Buffer;
  readonly createdAt: Date;
  /** How often it was taken, this time included: whoever holds an older number has no say in it any more. */
  readonly attempts: number;
}

interface RawTakenItem {
  id: string;
  kind: string;
  payload: Uint8Array;
  created_at: string;
  attempts: number;
}

/** Takes what is due, the oldest first. Workers on other instances skip what is being taken, and then find it taken. */
export async function takeDue(em: EntityManager, now: Date, until: Date, limit: number): Promise<TakenItem[]> {
  // As an array, so that the locking part runs once, whatever plan the rest gets.
  const { rows } = await sql<RawTakenItem>`
    update outbox set attempts = attempts + 1, next_attempt_at = ${until}
    where id = any(array(
      select id from outbox where failed_at is null and next_attempt_at <= ${now}
      order by next_attempt_at, id limit ${limit} for update skip locked))
    returning id, kind, payload, created_at, attempts`.execute(em.getKysely());
  return rows
    .map(({ id, kind, payload, created_at, attempts }) => {
      return { id, kind, payload: Buffer.from(payload), createdAt: new Date(created_at), attempts };
    })
    .toSorted((a, b) => a.id.localeCompare(b.id));
}

/**
 * Removes what is done, whoever has it by now: done is done. Returns how much of it was still there, and so, in the
 * transaction that does it, whether somebody else has done it.
 */
export async function removeDone(em: EntityManager, ids: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from outbox where id = any(${ids}::uuid[])`.execute(em.getKysely());
  return Number(numAffectedRows ?? 0n);
}

export async function postpone(
  em: EntityManager,
  { id, attempts }: TakenItem,
  nextAttemptAt: Date,
  error: string,
): Promise<void> {
  await sql`
    update outbox set next_attempt_at = ${nextAttemptAt}, last_error = ${error}
    where id = ${id}::uuid and attempts = ${attempts}`.execute(em.getKysely());
}

export async function giveUp(em: EntityManager, { id, attempts }: TakenItem, now: Date, error: string): Promise<void> {
  await sql`
    update outbox set failed_at = ${now}, last_error = ${error}
    where id = ${id}::uuid and attempts = ${attempts}`.execute(em.getKysely());
}

export interface OutboxRow {
  readonly id: string;
  readonly kind: string;
  readonly userId: string | null;
  readonly payload: Buffer;
  readonly createdAt: Date;
}

/** The statement, to be part of a larger one: the item is written if the condition holds. */
export function insertItem(item: OutboxRow, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into outbox (id, kind, user_id, payload, created_at, next_attempt_at)
    select ${item.id}::uuid, ${item.kind}, ${item.userId}::uuid, ${item.payload}::bytea,
      ${item.createdAt}::timestamptz, ${item.createdAt}::timestamptz
    where ${condition}`;
}

/** What became of an item that could not be done. */
export interface FailedItem {
  readonly id: string;
  readonly kind: string;
  readonly userId: string | null;
  readonly createdAt: Date;
  readonly failedAt: Date;
  readonly attempts: number;
  readonly lastError: string;
}

/** What has been given up, oldest first. */
export async function findFailed(em: EntityManager, limit: number): Promise<FailedItem[]> {
  const { rows } = await sql<Omit<FailedItem, 'createdAt' | 'failedAt'> & { createdAt: string; failedAt: string }>`
    select id, kind, user_id as "userId", created_at as "createdAt", failed_at as "failedAt", attempts,
      coalesce(last_error, '') as "lastError"
    from outbox where failed_at is not null order by failed_at, id limit ${limit}`.execute(em.getKysely());
  return rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt), failedAt: new Date(row.failedAt) }));
}

/** Has everything that was given up tried again, as if it were new; returns how much there was. */
export async function reviveFailed(em: EntityManager, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update outbox set failed_at = null, last_error = null, attempts = 0, created_at = ${now}, next_attempt_at = ${now}
    where failed_at is not null`.execute(em.getKysely());
  return Number(numAffectedRows ?? 0n);
}

/** How much there is, up to 10,000 of each, so that counting costs the same however much it is. */
export interface OutboxSize {
  readonly waiting: number;
  readonly failed: number;
}

export async function measureOutbox(em: EntityManager): Promise<OutboxSize> {
  const most = 10_000;
  const { rows } = await sql<OutboxSize>`
    select (select count(*) from (select from outbox where failed_at is null limit ${most}) w)::integer as waiting,
      (select count(*) from (select from outbox where failed_at is not null limit ${most}) f)::integer as failed
  `.execute(em.getKysely());
  return rows[0] ?? { waiting: 0, failed: 0 };
}

/** What is still to be done. */
export interface WaitingItems {
  readonly count: number;
  /** When the oldest was written; null where there are none. */
  readonly since: Date | null;
  /** Why the one that was tried last has to wait; null where none was tried in vain. */
  readonly lastError: string | null;
}

export async function describeWaiting(em: EntityManager): Promise<WaitingItems> {
  const { rows } = await sql<Omit<WaitingItems, 'since'> & { since: string | null }>`
    select count(*)::integer as count, min(created_at) as since,
      (array_agg(last_error order by next_attempt_at desc) filter (where last_error is not null))[1] as "lastError"
    from outbox where failed_at is null`.execute(em.getKysely());
  const [row] = rows;
  return { count: row?.count ?? 0, since: row?.since ? new Date(row.since) : null, lastError: row?.lastError ?? null };
}
