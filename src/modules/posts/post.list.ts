import { sql } from 'kysely';
import { z } from 'zod';
import { isId } from '../../common/ids.js';
import type { Sql } from '../../common/pagination/keyset.js';
import { orderDirections } from '../../common/pagination/order-direction.js';
import { pageRules } from '../../common/pagination/page-arguments.js';
import type { PagedList } from '../../common/pagination/paginate.js';
import { text } from '../../common/validation.js';
import { type Post, postStatuses } from './post.entity.js';
import { type PostScope, type Reader, visibleScopes } from './post.policy.js';
import { type PostRow, postColumns, toPost } from './post.queries.js';
import { type PostOrderField, postOrderFields } from './post.types.js';

const filterRules = z
  .object({
    authorId: z.string().toLowerCase().nullish(),
    status: z.enum(postStatuses).nullish(),
    search: text({ max: 200 }).nullish(),
  })
  .transform(({ authorId, status, search }) => ({
    authorId: authorId ?? null,
    status: status ?? null,
    search: search?.trim() || null,
  }));

const orderRules = z.object({ field: z.enum(postOrderFields), direction: z.enum(orderDirections) });

/** The rules of `PostsArguments`. */
export const postsRules = pageRules
  .safeExtend({ filter: filterRules.nullish(), orderBy: orderRules.nullish() })
  .superRefine(({ filter, orderBy }, context) => {
    if (orderBy?.field !== 'RELEVANCE' || filter?.search) return;
    const message = 'must be given to sort by relevance';
    context.addIssue({ code: 'custom', path: ['filter', 'search'], message });
  });

type PostsRequest = z.infer<typeof postsRules>;

/** The posts that the viewer may see and the filter wants. Each scope is a range of the indexes that begin with its columns. */
export function postList(viewer: Reader, { filter, orderBy }: PostsRequest): PagedList<PostRow, Post> {
  const { authorId, status, search } = filter ?? { authorId: null, status: null, search: null };
  const { field, direction } = orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  const namesNobody = authorId !== null && !isId(authorId);
  const scopes = namesNobody ? [] : visibleScopes(viewer, { authorId, status });
  const matches = search === null ? null : sql`search @@ ${searchQuery(search)}`;
  // By relevance there is no order before the matches are known.
  const isRanked = field === 'RELEVANCE';
  return {
    scope: ['posts', field, direction, authorId, status, search],
    table: sql`posts`,
    columns: postColumns,
    branches: scopes.map((scope) => conditionOf(scope, isRanked ? matches : null)),
    filter: isRanked ? null : matches,
    sortedBy: sortedBy(field, search),
    direction,
    id: sql`id`,
    toNode: toPost,
  };
}

function conditionOf({ status, authorId }: PostScope, matches: Sql | null): Sql {
  const conditions = [sql`status = ${status}`];
  if (authorId !== null) conditions.push(sql`author_id = ${authorId}`);
  if (matches !== null) conditions.push(matches);
  return sql.join(conditions, sql` and `);
}

function sortedBy(field: PostOrderField, search: string | null): Sql {
  if (field === 'CREATED_AT') return sql`created_at`;
  if (field === 'UPDATED_AT') return sql`updated_at`;
  if (field === 'TITLE') return sql`title`;
  return sql`ts_rank(search, ${searchQuery(search ?? '')})::float8`;
}

/** Words are cut as in the column; the syntax never fails on bad input. */
function searchQuery(search: string): Sql {
  return sql`websearch_to_tsquery('simple', fold_case(${search}))`;
}
