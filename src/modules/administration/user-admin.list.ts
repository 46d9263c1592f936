import { sql } from 'kysely';
import { z } from 'zod';
import type { Sql } from '../../common/pagination/keyset.js';
import { pageRules } from '../../common/pagination/page-arguments.js';
import type { PagedList } from '../../common/pagination/paginate.js';
import { text } from '../../common/validation.js';
import { roles } from '../users/user.entity.js';
import { type RawUserRow, toUserRow, type UserRow, userColumns } from '../users/user.queries.js';

const filterRules = z
  .object({
    search: text({ max: 200 }).nullish(),
    role: z.enum(roles).nullish(),
    active: z.boolean().nullish(),
  })
  .transform(({ search, role, active }) => ({
    search: search?.trim() || null,
    role: role ?? null,
    active: active ?? null,
  }));

/** The rules of `UsersArguments`. */
export const usersRules = pageRules.safeExtend({ filter: filterRules.nullish() });

type UsersRequest = z.infer<typeof usersRules>;

/** The users whom the filter wants, newest first. Each combination of role and activity is a range of `users_role_index`. */
export function userList({ filter }: UsersRequest): PagedList<RawUserRow, UserRow> {
  const { search, role, active } = filter ?? { search: null, role: null, active: null };
  const words = search === null ? null : wordsOf(search);
  return {
    scope: ['users', role, active === null ? null : String(active), words?.join(' ') ?? null],
    table: sql`users`,
    columns: userColumns(),
    branches: words?.length === 0 ? [] : rangesOf(role, active),
    filter: words && begunBy(words),
    sortedBy: sql`created_at`,
    direction: 'DESC',
    id: sql`id`,
    toNode: toUserRow,
  };
}

function rangesOf(role: string | null, active: boolean | null): Sql[] {
  const wantedRoles = role === null ? Object.values(roles) : [role];
  const wantedActivity = active === null ? [true, false] : [active];
  return wantedRoles.flatMap((one) => wantedActivity.map((is) => sql`role = ${one} and is_active = ${is}`));
}

/** Cut as the database's `user_words` cuts them. */
function wordsOf(search: string): string[] {
  return search.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** A cast, for `to_tsquery` would cut the words by rules of its own; quoted, so that none is an operator. */
function begunBy(words: readonly string[]): Sql {
  const query = words.map((word) => `'${word}':*`).join(' & ');
  return sql`user_words(username, email) @@ ${query}::tsquery`;
}
