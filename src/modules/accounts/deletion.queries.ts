import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { ConfirmedUser } from '../auth/step-up/password-confirmation.js';

/**
 * Deletes the account with all that belongs to it, unless the last active admin would be lost: one guarded statement. False
 * if that is so, or it is gone, or its password is another one by now. Active admins are locked as they are where an admin
 * loses the role: from the oldest on, so that of parallel statements each sees what the one before has left.
 */
export async function deleteUser(em: EntityManager, { user, passwordHash }: ConfirmedUser): Promise<boolean> {
  const { rows } = await sql`
    with admins as materialized (
      select id from users where role = 'ADMIN' and is_active order by created_at, id for update
    )
    delete from users
    where id = ${user.id}::uuid and password_hash = ${passwordHash}
      and (role <> 'ADMIN' or not is_active or exists (select from admins where admins.id <> users.id))
    returning id`.execute(em.getKysely());
  return rows.length > 0;
}

/** What the outbox was yet to do for the user: nothing refers to it, so nothing takes it along. */
export async function deleteOutboxOf(em: EntityManager, userId: string): Promise<void> {
  await sql`delete from outbox where user_id = ${userId}::uuid`.execute(em.getKysely());
}
