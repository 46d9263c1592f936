import type { EntityManager } from '@mikro-orm/sql';
import DataLoader from 'dataloader';
import { type RawBuilder, sql } from 'kysely';
import type { RequestContext } from '../context.js';
import type { Sql } from './keyset.js';

/** Runs a query; `order` repeats the order of its rows in terms of its own columns. */
export type ReadRows = <Row>(query: RawBuilder<Row>, order: Sql | null) => Promise<Row[]>;

/** Runs each query on its own. */
export function readRows(em: EntityManager): ReadRows {
  return async (query) => (await query.execute(em.getKysely())).rows;
}

interface Reading {
  readonly query: RawBuilder<unknown>;
  readonly order: Sql | null;
  /** The text is the same for queries that differ only in their parameters, and so can share a statement. */
  readonly text: string;
  readonly key: string;
}

/**
 * Runs queries that come in one tick and differ only in their parameters as one statement, equal ones once: for lists
 * inside lists, as every author's posts. Use it as `context.once(batchedReads)`.
 */
export function batchedReads(context: Pick<RequestContext, 'em'>): ReadRows {
  const read = readRows(context.em);
  const loader = new DataLoader<Reading, unknown[], string>(
    (readings) => {
      // Only what comes in the same tick is shared: a later read must see what a mutation has written since.
      loader.clearAll();
      return readTogether(read, readings);
    },
    { cacheKeyFn: ({ key }) => key },
  );
  return <Row>(query: RawBuilder<Row>, order: Sql | null): Promise<Row[]> => {
    const { sql: text, parameters } = query.compile(context.em.getKysely());
    const rows: Promise<unknown[]> = loader.load({ query, order, text, key: JSON.stringify([text, parameters]) });
    // The loader holds queries of many row types, and answers each with its own query's rows.
    return rows as Promise<Row[]>;
  };
}

async function readTogether(read: ReadRows, readings: readonly Reading[]): Promise<unknown[][]> {
  const groups = Object.values(Object.groupBy(readings, ({ text }) => text));
  const answers = new Map<Reading, unknown[]>();
  for (const group of groups) {
    const rows = await readGroup(read, group ?? []);
    for (const [index, reading] of (group ?? []).entries()) answers.set(reading, rows[index] ?? []);
  }
  return readings.map((reading) => answers.get(reading) ?? []);
}

async function readGroup(read: ReadRows, group: readonly Reading[]): Promise<unknown[][]> {
  const [first] = group;
  if (!first) return [];
  if (group.length === 1) return [await read(first.query, first.order)];
  const parts = group.map(
    ({ query }, index) => sql`select ${sql.lit(index)} as "part", rows.* from (${query}) as rows`,
  );
  const order = first.order ? sql.join([sql`"part"`, first.order]) : sql`"part"`;
  const rows = await read(sql<{ part: number }>`${sql.join(parts, sql` union all `)} order by ${order}`, order);
  const byPart = Map.groupBy(rows, ({ part }) => part);
  return group.map((_, index) => byPart.get(index) ?? []);
}
