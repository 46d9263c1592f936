import type { PGlite, PGliteOptions } from '@electric-sql/pglite';
import type { Constructor, EntityClass } from '@mikro-orm/core';
import type { Migration } from '@mikro-orm/migrations';

/** What a database holds, and how it is watched; where it lives is in the settings. */
export interface DatabaseDefinition {
  readonly entities: readonly EntityClass<object>[];
  /** Oldest first; each runs once and is known by its class name. */
  readonly migrations: readonly Constructor<Migration>[];
  /** Keeps the embedded database in memory, made with these options, or takes one that runs: for tests. */
  readonly inMemory?: PGliteOptions & { readonly pglite?: PGlite };
  /** Receives what the ORM would print, as a lost connection. */
  readonly log?: (message: string) => void;
  /** Called with the text of every statement just before it is sent, `begin` and `commit` of PGlite aside. */
  readonly onStatement?: (sql: string) => void;
}
