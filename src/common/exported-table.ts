import type { RawBuilder } from 'kysely';

/** A table as `exportMyData` shows it: the rows that belong to the caller. Every column is in one of the two lists. */
export interface ExportedTable {
  readonly table: string;
  /** The column that names the user. */
  readonly owner: string;
  readonly columns: readonly string[];
  /** What stays with the server: secrets and their hashes, and what only the server has a use for. */
  readonly withheld?: readonly string[];
  /** What is shown instead of a column of that name. */
  readonly shownAs?: Readonly<Record<string, RawBuilder<unknown>>>;
}
