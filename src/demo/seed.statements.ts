import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Post } from '../modules/posts/post.entity.js';
import type { NewUser } from '../modules/users/user.queries.js';

/** Where the made-up users have their addresses: a domain that nobody can own (RFC 2606, section 3). */
export const seedDomain = 'seed.example.com';

/** The number in the address of the last user that a seed made; 0 if there is none. */
export async function lastSeededNumber(em: EntityManager): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    select coalesce(max(substring(email from '([0-9]{1,9})@')::integer), 0) as last
    from users where email like ${`%.%@${seedDomain}`}`.execute(em.getKysely());
  return rows[0]?.last ?? 0;
}

/** One statement for all; leaves out those whose name or address is taken, and returns the ids of the others. */
export async function insertUsers(em: EntityManager, users: readonly NewUser[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    insert into users (id, username, email, email_verified_at, password_hash, role, created_at)
    select * from unnest(
      ${users.map(({ id }) => id)}::uuid[],
      ${users.map(({ username }) => username)}::text[],
      ${users.map(({ email }) => email)}::text[],
      ${users.map(({ emailVerifiedAt }) => emailVerifiedAt?.toISOString() ?? null)}::timestamptz[],
      ${users.map(({ passwordHash }) => passwordHash)}::text[],
      ${users.map(({ role }) => role)}::text[],
      ${users.map(({ createdAt }) => createdAt.toISOString())}::timestamptz[])
    on conflict do nothing
    returning id`.execute(em.getKysely());
  return new Set(rows.map(({ id }) => id));
}

/** One statement for all. */
export async function insertPosts(em: EntityManager, posts: readonly Post[]): Promise<void> {
  await sql`
    insert into posts (id, author_id, title, body, status, created_at, updated_at)
    select * from unnest(
      ${posts.map(({ id }) => id)}::uuid[],
      ${posts.map(({ authorId }) => authorId)}::uuid[],
      ${posts.map(({ title }) => title)}::text[],
      ${posts.map(({ body }) => body)}::text[],
      ${posts.map(({ status }) => status)}::text[],
      ${posts.map(({ createdAt }) => createdAt.toISOString())}::timestamptz[],
      ${posts.map(({ updatedAt }) => updatedAt.toISOString())}::timestamptz[])`.execute(em.getKysely());
}
