import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { ExportedTable } from '../../common/exported-table.js';

export type ExportedRow = Readonly<Record<string, unknown>>;

/** The user's rows of the table, as JSON has them: times in ISO 8601. */
export async function exportedRows(
  em: EntityManager,
  { table, owner, columns, shownAs = {} }: ExportedTable,
  userId: string,
): Promise<ExportedRow[]> {
  const shown = columns.map((column): RawBuilder<unknown> => {
    return sql`${shownAs[column] ?? sql.ref(column)} as ${sql.ref(camelCase(column))}`;
  });
  const { rows } = await sql<{ row: ExportedRow }>`
    select to_jsonb(shown) as row from (
      select ${sql.join(shown)} from ${sql.table(table)} where ${sql.ref(owner)} = ${userId}::uuid order by 1
    ) shown`.execute(em.getKysely());
  return rows.map(({ row }) => row);
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
