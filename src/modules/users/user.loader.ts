import DataLoader from 'dataloader';
import type { RequestContext } from '../../common/context.js';
import { findUsersByIds, type UserRow } from './user.queries.js';

/** Loads users by id, all that one tick asks for in one statement: `context.once(userLoader).load(id)`. */
export function userLoader(context: RequestContext): DataLoader<string, UserRow> {
  return new DataLoader(async (ids) => {
    const users = await findUsersByIds(context.em, ids);
    const byId = new Map(users.map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id) ?? new Error(`A row refers to user ${id}, which does not exist.`));
  });
}
