import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';

/** Writes an enrolment down, with its mail if there is one, and ends those before it. */
export async function insertEnrolment(
  em: EntityManager,
  userId: string,
  enrolment: RawBuilder<unknown>,
  mail?: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    with ended as (
      delete from one_time_tokens where user_id = ${userId}::uuid and purpose = 'FACTOR_ENROLMENT'
    ), begun as (${enrolment})
    ${mail ? sql`, mail as (${mail})` : sql``}
    select 1`.execute(em.getKysely());
}
