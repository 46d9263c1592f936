import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../../common/viewer.js';
import { type RawUserRow, toUserRow, userColumns, type VersionedUser } from '../users/user.queries.js';

/** What an admin sets of an account; what is left out stays. */
export type Standing = { readonly role: Role } | { readonly isActive: boolean };

interface RawChangedUser extends RawUserRow {
  token_version: number;
}

/**
 * Changes a user's standing, unless the last active admin would be lost: one guarded statement. Null when nobody was
 * changed: no such user, nothing to change, or the last admin.
 *
 * Active admins are locked from the oldest on until one is found who remains, so that of any number of statements that
 * would each leave another admin, each waits for the one before and then sees what is left. As all take the locks in
 * one order, none waits in a circle.
 */
export async function changeStanding(em: EntityManager, id: string, standing: Standing): Promise<VersionedUser | null> {
  const { assignment, isAdmin } = 'role' in standing ? roleIs(standing.role) : activityIs(standing.isActive);
  const { rows } = await sql<RawChangedUser>`
    with admins as materialized (
      select id from users where role = 'ADMIN' and is_active order by created_at, id for update
    )
    update users set ${assignment}
    where id = ${id}::uuid and not (${assignment})
      and (${isAdmin} or role <> 'ADMIN' or not is_active or exists (select from admins where admins.id <> users.id))
    returning ${userColumns()}, token_version`.execute(em.getKysely());
  return rows[0] ? { user: toUserRow(rows[0]), tokenVersion: rows[0].token_version } : null;
}

interface Change {
  /** The column and its new value: what to set, and as a condition, what is so already. */
  readonly assignment: RawBuilder<unknown>;
  /** Whether who is an active admin remains one. */
  readonly isAdmin: RawBuilder<unknown>;
}

function roleIs(role: Role): Change {
  return { assignment: sql`role = ${role}`, isAdmin: sql.lit(role === 'ADMIN') };
}

function activityIs(isActive: boolean): Change {
  return { assignment: sql`is_active = ${isActive}`, isAdmin: sql.lit(isActive) };
}
