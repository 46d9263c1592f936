import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { isStorableText } from '../../common/validation.js';
import type { User } from './user.entity.js';

/** A user as it is read for display: a plain row in the entity's shape, without the columns that stay private. */
export type UserRow = Pick<
  User,
  'id' | 'username' | 'email' | 'emailVerifiedAt' | 'role' | 'isActive' | 'createdAt' | 'lastLoginAt'
>;

export interface RawUserRow {
  id: string;
  username: string;
  email: string;
  email_verified_at: string | null;
  role: User['role'];
  is_active: boolean;
  created_at: string;
  last_login_at: string | null;
}

const columns: readonly (keyof RawUserRow)[] = [
  'id',
  'username',
  'email',
  'email_verified_at',
  'role',
  'is_active',
  'created_at',
  'last_login_at',
];

/** What a `RawUserRow` is made of; `table` is the name of `users` where others stand beside it. */
export function userColumns(table?: string): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(table === undefined ? column : `${table}.${column}`)));
}

export async function findUsersByIds(em: EntityManager, ids: readonly string[]): Promise<UserRow[]> {
  const { rows } = await sql<RawUserRow>`select ${userColumns()} from users where id = any(${ids}::uuid[])`.execute(
    em.getKysely(),
  );
  return rows.map(toUserRow);
}

/** The user of that name, without regard to case; text that no name can be names nobody. */
export async function findUserByUsername(em: EntityManager, username: string): Promise<UserRow | null> {
  if (!isStorableText(username)) return null;
  const { rows } = await sql<RawUserRow>`
    select ${userColumns()} from users where lower(username) = lower(${username})`.execute(em.getKysely());
  return rows[0] ? toUserRow(rows[0]) : null;
}

export type NewUser = Pick<
  User,
  'id' | 'username' | 'email' | 'emailVerifiedAt' | 'passwordHash' | 'role' | 'createdAt'
>;

/** Makes a statement that is part of a larger one, and does its work if the condition holds. */
export type Entailed = (condition: RawBuilder<unknown>) => RawBuilder<unknown>;

/**
 * Null when the condition does not hold, or the user name or the address is taken: the unique indexes decide, also between
 * parallel calls. What the account entails is written in the same statement, if the account is.
 */
export async function insertUser(
  em: EntityManager,
  user: NewUser,
  { condition = sql`true`, entailed = [] }: { condition?: RawBuilder<unknown>; entailed?: readonly Entailed[] } = {},
): Promise<UserRow | null> {
  const { rows } = await sql<RawUserRow>`
    with account as (
      insert into users (id, username, email, email_verified_at, password_hash, role, created_at)
      select ${user.id}::uuid, ${user.username}, ${user.email}, ${user.emailVerifiedAt}::timestamptz,
        ${user.passwordHash}, ${user.role}, ${user.createdAt}::timestamptz
      where ${condition}
      on conflict do nothing
      returning ${userColumns()}
    ) ${sql.join(entailed.map(partOfAccount), sql` `)}
    select * from account`.execute(em.getKysely());
  return rows[0] ? toUserRow(rows[0]) : null;
}

function partOfAccount(make: Entailed, index: number): RawBuilder<unknown> {
  return sql`, ${sql.ref(`entailed_${index}`)} as (${make(sql`exists (select from account)`)})`;
}

/** Which of the two names belong to an account already. */
export async function findTakenNames(
  em: EntityManager,
  username: string,
  email: string,
): Promise<{ username: boolean; email: boolean }> {
  const { rows } = await sql<{ username: boolean; email: boolean }>`
    select exists (select from users where lower(username) = lower(${username})) as username,
      exists (select from users where lower(email) = lower(${email})) as email`.execute(em.getKysely());
  return rows[0] ?? { username: false, email: false };
}

/** Whether there is such a user, who may sign in. */
export async function isActiveUser(em: EntityManager, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from users where id = ${id}::uuid and is_active`.execute(em.getKysely());
  return rows.length > 0;
}

export async function userExists(em: EntityManager, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from users where id = ${id}::uuid`.execute(em.getKysely());
  return rows.length > 0;
}

export function toUserRow(row: RawUserRow): UserRow {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    emailVerifiedAt: row.email_verified_at === null ? null : new Date(row.email_verified_at),
    role: row.role,
    isActive: row.is_active,
    createdAt: new Date(row.created_at),
    lastLoginAt: row.last_login_at === null ? null : new Date(row.last_login_at),
  };
}
