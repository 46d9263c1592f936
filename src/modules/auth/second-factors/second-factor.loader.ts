import DataLoader from 'dataloader';
import type { RequestContext } from '../../../common/context.js';
import { findFactors } from './second-factor.queries.js';
import type { SecondFactor } from './second-factor.types.js';

/** Loads the factors of users, of all whom one tick asks for in one statement. */
export function secondFactorLoader({ em }: RequestContext): DataLoader<string, SecondFactor[]> {
  // Not kept: a mutation may change them within the request.
  const options = { cache: false };
  return new DataLoader(async (userIds) => {
    const byUser = await findFactors(em, [...new Set(userIds)]);
    return userIds.map((userId) => byUser.get(userId) ?? []);
  }, options);
}
