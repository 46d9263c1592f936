import { type RawBuilder, sql } from 'kysely';

/**
 * The condition that the address is kept for another account than this one: it may have been taken from there by a thief,
 * so it stays free for as long as a notice that went to it can bring it back.
 */
export function isKept(email: RawBuilder<unknown>, now: Date, userId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (
    select from one_time_tokens kept
    where kept.purpose = 'DISAVOWAL' and lower(kept.data->>'email') = lower(${email})
      and kept.expires_at > ${now} and kept.user_id is distinct from ${userId})`;
}
