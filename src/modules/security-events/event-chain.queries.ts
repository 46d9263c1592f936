import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { EventParts } from './event-hash.js';

/** A place in the chain: how many events have been sealed up to it, and the hash of the last in hexadecimal. */
export interface Link {
  readonly position: number;
  readonly hash: string;
}

/** A seal with the event that it names. */
export interface SealedEvent extends Link {
  readonly eventId: string;
  /** Null if there is no such event. */
  readonly parts: EventParts | null;
}

/** Where the chain begins, after what was purged, and where it ends; null if even that is gone. */
export async function findChain(em: EntityManager): Promise<{ base: Link; head: Link } | null> {
  const { rows } = await sql<{ base: Link; head: Link }>`
    select json_build_object('position', base_position, 'hash', encode(base_hash, 'hex')) as base,
      json_build_object('position', position, 'hash', encode(hash, 'hex')) as head
    from security_event_chain`.execute(em.getKysely());
  return rows[0] ?? null;
}

/** The next seals after the position, null for the first of all. */
export async function findSealedEvents(
  em: EntityManager,
  after: number | null,
  limit: number,
): Promise<readonly SealedEvent[]> {
  // The milliseconds as a numeric, for a time that no integer holds must be found too.
  const { rows } = await sql<SealedEvent>`
    select s.position, encode(s.hash, 'hex') as hash, s.event_id as "eventId",
      case when e.id is not null then array[
        e.id::text, e.type, e.user_id::text, e.actor_id::text, e.session_id::text, e.ip_address, e.user_agent, e.detail,
        trunc(extract(epoch from e.created_at) * 1000)::text] end as parts
    from (
      select position, hash, event_id from security_event_seals
      where ${after === null ? sql`true` : sql`position > ${after}`} order by position limit ${limit}
    ) s left join security_events e on e.id = s.event_id
    order by s.position`.execute(em.getKysely());
  return rows;
}

/** An event that no seal names, if there is one. */
export async function findUnsealedEvent(em: EntityManager): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from security_events e
    where not exists (select from security_event_seals s where s.event_id = e.id) limit 1`.execute(em.getKysely());
  return rows[0]?.id ?? null;
}
