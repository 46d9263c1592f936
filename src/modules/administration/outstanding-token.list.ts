import { sql } from 'kysely';
import { z } from 'zod';
import { isId } from '../../common/ids.js';
import type { Sql } from '../../common/pagination/keyset.js';
import { pageRules } from '../../common/pagination/page-arguments.js';
import type { PagedList } from '../../common/pagination/paginate.js';
import { type RawToken, tokenColumns, toOutstandingToken } from './outstanding-token.queries.js';
import { rangesOfStatus, type TokenRange } from './outstanding-token.status.js';
import { type OutstandingToken, tokenStatuses } from './outstanding-token.types.js';

const filterRules = z
  .object({ userId: z.string().toLowerCase().nullish(), status: z.enum(tokenStatuses).nullish() })
  .transform(({ userId, status }) => ({ userId: userId ?? null, status: status ?? null }));

/** The rules of `OutstandingTokensArguments`. */
export const outstandingTokensRules = pageRules.safeExtend({ filter: filterRules.nullish() });

type OutstandingTokensRequest = z.infer<typeof outstandingTokensRules>;

/**
 * The refresh tokens that the filter wants, the last to expire first: while the lifetime is the same, that is newest first,
 * and it is the one order in which an index has the expired apart from the others. `expiredBy` is now less the leeway; it
 * is no part of the scope, for a cursor outlives the moment, and no token changes its place.
 */
export function outstandingTokenList(
  { filter }: OutstandingTokensRequest,
  expiredBy: Date,
): PagedList<RawToken, OutstandingToken> {
  const { userId, status } = filter ?? { userId: null, status: null };
  const namesNobody = userId !== null && !isId(userId);
  const ranges = namesNobody ? [] : rangesOfStatus[status ?? 'ALL'];
  return {
    scope: ['outstandingTokens', userId, status],
    table: sql`refresh_tokens`,
    columns: tokenColumns,
    branches: ranges.map((range) => conditionOf(range, userId, expiredBy)),
    sortedBy: sql`expires_at`,
    direction: 'DESC',
    id: sql`jti`,
    toNode: (row) => toOutstandingToken(row, expiredBy),
  };
}

function conditionOf({ state, expired }: TokenRange, userId: string | null, expiredBy: Date): Sql {
  const conditions = [sql`state = ${state}`];
  if (userId !== null) conditions.push(sql`user_id = ${userId}::uuid`);
  if (expired !== null) conditions.push(sql`expires_at ${expired ? sql`<=` : sql`>`} ${expiredBy}`);
  return sql.join(conditions, sql` and `);
}
