import { mkdirSync } from 'node:fs';
import { type EntityManager, MikroORM } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { type DataDirLock, lockDataDir } from './data-dir-lock.js';
import type { DatabaseDefinition } from './definition.js';
import { type DatabaseSettings, databaseOptions, embeddedDirectory } from './options.js';
import { withTimeout } from './timing.js';

export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly orm: MikroORM;
  readonly settings: DatabaseSettings;
  readonly definition: DatabaseDefinition;
  /** An EntityManager with an identity map of its own: one a request, or a task. */
  fork(): EntityManager;
  /** Resolves when the database has answered; rejects with its error, or when `timeoutMs` are over. */
  probe(timeoutMs: number): Promise<void>;
  /** Whether the database answers within `timeoutMs`; never rejects. */
  ping(timeoutMs: number): Promise<boolean>;
  /** Closes every connection, waiting for those in use, and gives the data directory back. */
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL, or without a URL the embedded database in the data directory, which is then this process's alone.
 *
 * Throws EmbeddedDatabaseInUseError when another process has it. A PostgreSQL that is away is no error here:
 * connections are made on demand (see `waitForDatabase`).
 */
export async function openDatabase(settings: DatabaseSettings, definition: DatabaseDefinition): Promise<Database> {
  const lock = ownsDirectory(settings, definition) ? lockDataDir(settings.dataDir) : null;
  try {
    if (lock) mkdirSync(embeddedDirectory(settings.dataDir), { recursive: true, mode: 0o700 });
    const orm = await MikroORM.init(databaseOptions(settings, definition));
    const database = assemble(settings, definition, orm, lock);
    // The embedded one starts on its first query, and has to start before anybody is told that it is open.
    if (database.kind === 'embedded') await database.probe(embeddedStartTimeout);
    return database;
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Creating a cluster takes 3 s on an ordinary machine; in milliseconds. */
const embeddedStartTimeout = 120_000;

function ownsDirectory(settings: DatabaseSettings, definition: DatabaseDefinition): boolean {
  return settings.url === null && !definition.inMemory;
}

function assemble(
  settings: DatabaseSettings,
  definition: DatabaseDefinition,
  orm: MikroORM,
  lock: DataDirLock | null,
): Database {
  const probe = async (timeoutMs: number): Promise<void> => {
    const answer = orm.em.getConnection().getClient().executeQuery(CompiledQuery.raw('select 1'));
    await withTimeout(answer, timeoutMs);
  };
  return {
    kind: settings.url === null ? 'embedded' : 'postgresql',
    orm,
    settings,
    definition,
    fork: () => orm.em.fork(),
    probe,
    ping: (timeoutMs) =>
      probe(timeoutMs).then(
        () => true,
        () => false,
      ),
    close: async () => {
      try {
        await orm.close();
      } finally {
        lock?.release();
      }
    },
  };
}
