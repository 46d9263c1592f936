import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';

/** Null when there is no such user. */
export async function findPasswordHash(em: EntityManager, userId: string): Promise<string | null> {
  const { rows } = await sql<{ password_hash: string }>`
    select password_hash from users where id = ${userId}::uuid`.execute(em.getKysely());
  return rows[0]?.password_hash ?? null;
}
