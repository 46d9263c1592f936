import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { ConfirmedUser } from '../auth/step-up/password-confirmation.js';

/**
 * Keeps the account as it was confirmed to be until the transaction ends; false if it is gone, or its password is another
 * one by now.
 */
export async function lockConfirmed(em: EntityManager, { user, passwordHash }: ConfirmedUser): Promise<boolean> {
  const { rows } = await sql`
    select 1 from users where id = ${user.id}::uuid and is_active and password_hash = ${passwordHash}
    for no key update`.execute(em.getKysely());
  return rows.length > 0;
}
