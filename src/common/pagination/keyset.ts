import { type RawBuilder, sql } from 'kysely';
import type { CursorKey, SortValue } from './cursor.js';
import type { OrderDirection } from './order-direction.js';

export type Sql = RawBuilder<unknown>;

/** A sorted list in SQL, before a page is cut from it. */
export interface KeysetList {
  readonly table: Sql;
  /** Conditions that no two hold for one row. Each is answered from its own index range, which an OR could not be. */
  readonly branches: readonly Sql[];
  /** A condition with an index of its own, which knows nothing of the order, as a search has. */
  readonly filter?: Sql | null;
  /** What it is sorted by, never null; an index on the branch's columns, then this, then `id` makes a page cheap. */
  readonly sortedBy: Sql;
  readonly direction: OrderDirection;
  /** The unique column that tells rows with equal sort values apart. */
  readonly id: Sql;
}

/** What every row of a window carries beside its own columns. */
export interface SortedRow {
  readonly sortValue: SortValue;
  readonly sortId: SortValue;
}

interface Bound {
  readonly key: CursorKey;
  readonly inclusive: boolean;
}

/** A stretch of a list: `limit` rows nearest to its start (forward) or its end (backward). */
export interface Window {
  readonly after: Bound | null;
  readonly before: Bound | null;
  readonly direction: 'forward' | 'backward';
  readonly limit: number;
}

/** How far a filtered list is walked in its order before its filter's own index is asked, in rows. */
const walk = 2_000;

/**
 * Selects a window; a backward one comes in reverse order. Every branch seeks its own index, by comparing rows,
 * and stops after `limit` rows, so that the cost depends neither on the table's size nor on how deep the page lies.
 */
export function selectWindow<Row>(list: KeysetList, columns: Sql, window: Window): RawBuilder<Row & SortedRow> {
  const selects = list.branches.map((branch) => selectBranch(list, columns, window, branch));
  if (selects.length === 1) return sql<Row & SortedRow>`${sql.join(selects)}`;
  return sql<Row & SortedRow>`select * from (${sql.join(selects, sql` union all `)}) as branches
    order by ${orderOfWindow(list, window)} limit ${window.limit}`;
}

function selectBranch(list: KeysetList, columns: Sql, window: Window, branch: Sql): Sql {
  const { table, sortedBy, id, filter } = list;
  const sequence = sequenceOf(list, window);
  const range = sql.join([branch, ...boundsOf(list, window)], sql` and `);
  const selected = sql`select ${columns}, ${sortedBy} as "sortValue", ${id} as "sortId"`;
  const inOrder = sql`order by ${sortedBy} ${sequence}, ${id} ${sequence}`;
  if (!filter) return sql`(${selected} from ${table} where ${range} ${inOrder} limit ${window.limit})`;
  // Left to itself, the planner guesses how frequent a word is, and for one that hardly occurs may walk the whole list.
  // `offset 0` keeps it from looking through the subquery.
  return sql`(with near as materialized (
      ${selected} from (select * from ${table} where ${range} ${inOrder} limit ${walk}) as walked
      where ${filter} ${inOrder} limit ${window.limit})
    select * from near where (select count(*) from near) >= ${window.limit}
    union all
    select * from (
      ${selected} from (select * from ${table} where ${range} and ${filter} offset 0) as matches
      ${inOrder} limit ${window.limit}) as far where (select count(*) from near) < ${window.limit}
    order by ${orderOfWindow(list, window)} limit ${window.limit})`;
}

/** The order of a window's rows in terms of its own columns. */
export function orderOfWindow(list: KeysetList, window: Pick<Window, 'direction'>): Sql {
  const sequence = sequenceOf(list, window);
  return sql`"sortValue" ${sequence}, "sortId" ${sequence}`;
}

export function selectCount({ branches, filter, table }: KeysetList): RawBuilder<{ count: number }> {
  const filtered = filter ? sql` and ${filter}` : sql``;
  const counts = branches.map((branch) => sql`(select count(*) from ${table} where ${branch}${filtered})`);
  return sql<{ count: number }>`select ${sql.join(counts, sql` + `)} as "count"`;
}

function sequenceOf(list: KeysetList, window: Pick<Window, 'direction'>): Sql {
  const ascending = (list.direction === 'ASC') === (window.direction === 'forward');
  return ascending ? sql`asc` : sql`desc`;
}

function boundsOf(list: KeysetList, { after, before }: Window): Sql[] {
  const bounds: Sql[] = [];
  const ascending = list.direction === 'ASC';
  if (after) bounds.push(comparison(list, ascending ? '>' : '<', after));
  if (before) bounds.push(comparison(list, ascending ? '<' : '>', before));
  return bounds;
}

function comparison({ sortedBy, id }: KeysetList, operator: '<' | '>', { key, inclusive }: Bound): Sql {
  return sql`(${sortedBy}, ${id}) ${sql.raw(inclusive ? `${operator}=` : operator)} (${key[0]}, ${key[1]})`;
}
