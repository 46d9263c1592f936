import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Post } from './post.entity.js';
import type { PostChanges } from './post.inputs.js';

/** A post as the database driver hands it over. */
export interface PostRow extends Omit<Post, 'createdAt' | 'updatedAt'> {
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** All but `search`, under the entity's names. */
export const postColumns = sql`id, author_id as "authorId", title, body, status,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** A plain object in the entity's shape. */
export function toPost(row: PostRow): Post {
  return {
    id: row.id,
    authorId: row.authorId,
    title: row.title,
    body: row.body,
    status: row.status,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
  };
}

export async function findPost(em: EntityManager, id: string): Promise<Post | null> {
  const { rows } = await sql<PostRow>`select ${postColumns} from posts where id = ${id}`.execute(em.getKysely());
  return rows[0] ? toPost(rows[0]) : null;
}

export async function insertPost(em: EntityManager, post: Post): Promise<void> {
  const values = [post.id, post.authorId, post.title, post.body, post.status, post.createdAt, post.updatedAt];
  await sql`insert into posts (id, author_id, title, body, status, created_at, updated_at)
    values (${sql.join(values)})`.execute(em.getKysely());
}

/** Writes the given fields and no other, so that of two concurrent edits each keeps its own; null if the post is gone. */
export async function updatePost(
  em: EntityManager,
  id: string,
  changes: PostChanges,
  updatedAt: Date,
): Promise<Post | null> {
  const assignments = [sql`updated_at = ${updatedAt}`];
  if (changes.title !== undefined) assignments.push(sql`title = ${changes.title}`);
  if (changes.body !== undefined) assignments.push(sql`body = ${changes.body}`);
  if (changes.status !== undefined) assignments.push(sql`status = ${changes.status}`);
  const statement = sql<PostRow>`
    update posts set ${sql.join(assignments)} where id = ${id} returning ${postColumns}`;
  const { rows } = await statement.execute(em.getKysely());
  return rows[0] ? toPost(rows[0]) : null;
}

/** The post as it was, or null if it is gone already. */
export async function deletePost(em: EntityManager, id: string): Promise<Post | null> {
  const statement = sql<PostRow>`delete from posts where id = ${id} returning ${postColumns}`;
  const { rows } = await statement.execute(em.getKysely());
  return rows[0] ? toPost(rows[0]) : null;
}
