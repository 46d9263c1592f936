import { sql } from 'kysely';
import type { PagedList } from '../../../common/pagination/paginate.js';
import { type RawSession, type SessionRow, sessionColumns, toSessionRow } from './session.queries.js';

/** A session as one request sees it. */
export type SessionView = SessionRow & { readonly current: boolean };

/** The user's live sessions, newest first; `currentId` is the session that the request belongs to, if it does to any. */
export function sessionList(userId: string, currentId: string | null, now: Date): PagedList<RawSession, SessionView> {
  return {
    scope: ['sessions', userId],
    table: sql`sessions`,
    columns: sessionColumns,
    branches: [sql`user_id = ${userId}::uuid and ended_at is null and expires_at > ${now}`],
    sortedBy: sql`created_at`,
    direction: 'DESC',
    id: sql`id`,
    toNode: (row) => ({ ...toSessionRow(row), current: row.id === currentId }),
  };
}
