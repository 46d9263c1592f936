import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Role } from '../common/viewer.js';

export interface NewAccess {
  readonly passwordHash: string;
  readonly role: Role;
  readonly now: Date;
}

/** Gives an account that exists a new password and its role, and returns its id; null if none has both name and address. */
export async function renewAccess(
  em: EntityManager,
  { username, email }: { readonly username: string; readonly email: string },
  { passwordHash, role, now }: NewAccess,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    update users set password_hash = ${passwordHash}, password_changed_at = ${now}, role = ${role}, is_active = true,
      email_verified_at = coalesce(email_verified_at, ${now})
    where lower(username) = lower(${username}) and lower(email) = lower(${email})
    returning id`.execute(em.getKysely());
  return rows[0]?.id ?? null;
}

export async function hasPosts(em: EntityManager, authorId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from posts where author_id = ${authorId}::uuid limit 1`.execute(em.getKysely());
  return rows.length > 0;
}
