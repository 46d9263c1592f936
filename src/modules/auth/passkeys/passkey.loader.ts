import DataLoader from 'dataloader';
import type { RequestContext } from '../../../common/context.js';
import { findPasskeysOf, type PasskeyRow } from './passkey.queries.js';

/** Loads the passkeys of users, of all that one tick asks for in one statement: `context.once(passkeyLoader).load(userId)`. */
export function passkeyLoader({ em }: RequestContext): DataLoader<string, PasskeyRow[]> {
  return new DataLoader(async (userIds) => {
    const passkeys = await findPasskeysOf(em, userIds);
    return userIds.map((userId) => passkeys.filter((passkey) => passkey.userId === userId));
  });
}
