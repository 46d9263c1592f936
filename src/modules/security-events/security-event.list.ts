import { sql } from 'kysely';
import { z } from 'zod';
import { isId } from '../../common/ids.js';
import type { Sql } from '../../common/pagination/keyset.js';
import { pageRules } from '../../common/pagination/page-arguments.js';
import type { PagedList } from '../../common/pagination/paginate.js';
import type { SecurityEvent } from './security-event.entity.js';
import { asSeenByUser } from './security-event.policy.js';
import { type SecurityEventRow, securityEventColumns, toSecurityEvent } from './security-event.queries.js';
import { securityEventTypes } from './security-event.types.js';

const filterRules = z
  .object({ userId: z.string().toLowerCase().nullish(), type: z.string().nullish() })
  .transform(({ userId, type }) => ({ userId: userId ?? null, type: type ?? null }));

/** The rules of `SecurityEventsArguments`. */
export const securityEventsRules = pageRules.safeExtend({ filter: filterRules.nullish() });

type Wanted = z.infer<typeof filterRules>;
type EventList = PagedList<SecurityEventRow, SecurityEvent>;

/** The events that the filter wants, for admins. */
export function securityEventList(filter: Wanted | null | undefined): EventList {
  const wanted = filter ?? { userId: null, type: null };
  return {
    ...newestFirst,
    scope: ['security-events', wanted.userId, wanted.type],
    branches: matchesNothing(wanted) ? [] : [conditionOf(wanted)],
    toNode: toSecurityEvent,
  };
}

/** What happened to one user, for that user. */
export function ownSecurityEventList(userId: string): EventList {
  return {
    ...newestFirst,
    scope: ['own-security-events', userId],
    branches: [conditionOf({ userId, type: null })],
    toNode: (row) => asSeenByUser(toSecurityEvent(row)),
  };
}

const newestFirst = {
  table: sql`security_events`,
  columns: securityEventColumns,
  sortedBy: sql`created_at`,
  direction: 'DESC',
  id: sql`id`,
} as const;

function matchesNothing({ userId, type }: Wanted): boolean {
  return (userId !== null && !isId(userId)) || (type !== null && !Object.hasOwn(securityEventTypes, type));
}

/** Each combination is a range of an index that begins with its columns. */
function conditionOf({ userId, type }: Wanted): Sql {
  const conditions: Sql[] = [];
  if (userId !== null) conditions.push(sql`user_id = ${userId}`);
  if (type !== null) conditions.push(sql`type = ${type}`);
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
