import DataLoader from 'dataloader';
import type { RequestContext } from '../../common/context.js';
import { findUsersByIds, type UserRow } from './user.queries.js';

/** Loads users by id, all that one tick asks for in one statement: `context.once(userLoader).load(id)`. */
export function userLoader(context: RequestContext): DataLoader<string, UserRow> {
  return new DataLoader(async (ids) => {
    const byId = await usersById(context, ids);
    return ids.map((id) => byId.get(id) ?? new Error(`A row refers to user ${id}, which does not exist.`));
  });
}

/** The same for what outlives the users it names: null for those who are gone. */
export function formerUserLoader(context: RequestContext): DataLoader<string, UserRow | null> {
  return new DataLoader(async (ids) => {
    const byId = await usersById(context, ids);
    return ids.map((id) => byId.get(id) ?? null);
  });
}

async function usersById({ em }: RequestContext, ids: readonly string[]): Promise<Map<string, UserRow>> {
  const users = await findUsersByIds(em, ids);
  return new Map(users.map((user) => [user.id, user]));
}
