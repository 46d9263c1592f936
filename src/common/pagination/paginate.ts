import { sql } from 'kysely';
import { badUserInput, type InputIssue } from '../errors.js';
import { Connection, type Edge, type Page } from './connection.js';
import type { CursorCodec, CursorKey } from './cursor.js';
import {
  type KeysetList,
  orderOfWindow,
  type SortedRow,
  type Sql,
  selectCount,
  selectWindow,
  type Window,
} from './keyset.js';
import { type PageRequest, pageSizeOf } from './page-arguments.js';
import type { ReadRows } from './read-rows.js';

/** A list that a feature offers as a connection. */
export interface PagedList<Row, Node> extends KeysetList {
  /** Whatever makes this list differ from others under another order or filter: a cursor of theirs is refused. */
  readonly scope: readonly (string | null)[];
  readonly columns: Sql;
  toNode(row: Row): Node;
}

/** Cuts a page from a list, lazily. Throws BAD_USER_INPUT for a cursor that is not this list's. */
export function paginate<Row, Node>(
  read: ReadRows,
  cursors: CursorCodec,
  list: PagedList<Row, Node>,
  args: PageRequest,
): Connection<Node> {
  const scope = JSON.stringify(list.scope);
  const { after, before } = readCursors(cursors, scope, args);
  const { size, direction } = pageSizeOf(args);

  const select = async <T>(columns: Sql, window: Window): Promise<(T & SortedRow)[]> => {
    if (list.branches.length === 0) return [];
    return read(selectWindow<T>(list, columns, window), orderOfWindow(list, window));
  };
  const exists = async (window: Omit<Window, 'limit'>): Promise<boolean> =>
    (await select(sql`1`, { ...window, limit: 1 })).length > 0;
  const toEdge = (row: Row & SortedRow): Edge<Node> => ({
    node: list.toNode(row),
    get cursor() {
      return cursors.encode(scope, [row.sortValue, row.sortId]);
    },
  });

  return new Connection<Node>({
    direction,
    async page(): Promise<Page<Node>> {
      const window = { after: exclusive(after), before: exclusive(before), direction, limit: size + 1 };
      const rows = await select<Row>(list.columns, window);
      const edges = rows.slice(0, size).map(toEdge);
      return { edges: direction === 'forward' ? edges : edges.reverse(), more: rows.length > size };
    },
    async existsUpToAfter() {
      return after !== null && exists({ before: inclusive(after), after: null, direction: 'backward' });
    },
    async existsFromBefore() {
      return before !== null && exists({ after: inclusive(before), before: null, direction: 'forward' });
    },
    async count() {
      if (list.branches.length === 0) return 0;
      const [row] = await read(selectCount(list), null);
      return Number(row?.count ?? 0);
    },
  });
}

function readCursors(cursors: CursorCodec, scope: string, args: PageRequest) {
  const issues: InputIssue[] = [];
  const read = (name: 'after' | 'before'): CursorKey | null => {
    const cursor = args[name];
    if (cursor == null) return null;
    const key = cursors.decode(scope, cursor);
    if (!key) issues.push({ path: [name], message: 'is not a cursor of this list in this order and with this filter' });
    return key;
  };
  const keys = { after: read('after'), before: read('before') };
  if (issues.length > 0) throw badUserInput(issues);
  return keys;
}

const exclusive = (key: CursorKey | null) => key && { key, inclusive: false };
const inclusive = (key: CursorKey) => ({ key, inclusive: true });
