import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Entailed } from '../../users/user.queries.js';

/** Whether the user was sent a link after that time which is still good. */
export async function hasLinkSince(em: EntityManager, userId: string, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select 1 from one_time_tokens
    where user_id = ${userId}::uuid and purpose = 'EMAIL_VERIFICATION' and created_at > ${since}`.execute(
    em.getKysely(),
  );
  return rows.length > 0;
}

/** Writes a new link and its mail, and ends the links before; nothing of it where the address is verified or another one by now. */
export async function replaceLink(
  em: EntityManager,
  { id, email }: { readonly id: string; readonly email: string },
  { token, mail }: { readonly token: Entailed; readonly mail: Entailed },
): Promise<void> {
  const unverified: RawBuilder<unknown> = sql`exists (select from account)`;
  await sql`
    with account as (
      select id from users where id = ${id}::uuid and email = ${email} and email_verified_at is null
      for no key update
    ), ended as (
      delete from one_time_tokens
      where user_id in (select id from account) and purpose = 'EMAIL_VERIFICATION'
    ), token as (${token(unverified)})
    ${mail(unverified)}`.execute(em.getKysely());
}
