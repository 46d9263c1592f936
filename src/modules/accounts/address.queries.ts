import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../users/user.queries.js';

/**
 * Notes that the address is verified, if it still is the one that the link was mailed to. `good` says which row the link's
 * token is: it is used up by the same statement. Null when it is no good.
 */
export async function verifyAddress(em: EntityManager, good: RawBuilder<unknown>, now: Date): Promise<UserRow | null> {
  const { rows } = await sql<RawUserRow>`
    with link as (delete from one_time_tokens where ${good} returning user_id, data->>'email' as email)
    update users set email_verified_at = coalesce(email_verified_at, ${now}) from link
    where users.id = link.user_id and users.email = link.email
    returning ${userColumns('users')}`.execute(em.getKysely());
  return rows[0] ? toUserRow(rows[0]) : null;
}
