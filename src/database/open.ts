import { mkdirSync } from 'node:fs';
import { type EntityManager, MikroORM } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { withTimeout } from '../common/timeout.js';
import { type DataDirLock, lockDataDir } from './data-dir-lock.js';
import type { DatabaseDefinition } from './definition.js';
import { type DatabaseSettings, databaseOptions, embeddedDirectory } from './options.js';
import { DatabaseTimeoutError } from './timing.js';

export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly orm: MikroORM;
  readonly settings: DatabaseSettings;
  readonly definition: DatabaseDefinition;
  /** An EntityManager with an identity map of its own: one a request, or a task. */
  fork(): EntityManager;
  /** Resolves when the database has answered; rejects with its error, or when `timeoutMs` are over. */
  probe(timeoutMs: number): Promise<void>;
  /** Closes every connection, waiting for those in use, and gives the data directory back. */
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL, or without a URL the embedded database in the data directory, which is then this process's alone.
 *
 * Throws EmbeddedDatabaseInUseError when another process has it. A PostgreSQL that is away is no error here:
 * connections are made on demand (see `retryWhileUnavailable`).
 */
export async function openDatabase(settings: DatabaseSettings, definition: DatabaseDefinition): Promise<Database> {
  const lock = ownsDirectory(settings, definition) ? lockDataDir(settings.dataDir) : null;
  const orm = await initialise(settings, definition).catch((error: unknown) => {
    lock?.release();
    throw error;
  });
  const database = assemble(settings, definition, orm, lock);
  if (database.kind === 'embedded') await startEmbedded(database);
  return database;
}

async function initialise(settings: DatabaseSettings, definition: DatabaseDefinition): Promise<MikroORM> {
  if (ownsDirectory(settings, definition)) {
    mkdirSync(embeddedDirectory(settings.dataDir), { recursive: true, mode: 0o700 });
  }
  return MikroORM.init(databaseOptions(settings, definition));
}

/** Creating a cluster takes 3 s on an ordinary machine; in milliseconds. */
const embeddedStartTimeout = 120_000;

/** How long one that has not started may take to close, in milliseconds. */
const embeddedCloseTimeout = 5_000;

/** It starts on its first query, and has to start before anybody is told that it is open. */
async function startEmbedded(database: Database): Promise<void> {
  try {
    await database.probe(embeddedStartTimeout);
  } catch (error) {
    // Before the directory is given back; if it does not close, the directory stays locked until the process ends.
    await withTimeout(database.close(), embeddedCloseTimeout, () => undefined).catch(() => undefined);
    throw error;
  }
}

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
    await withTimeout<unknown, never>(answer, timeoutMs, () => {
      throw new DatabaseTimeoutError(`no answer within ${timeoutMs} ms`);
    });
  };
  return {
    kind: settings.url === null ? 'embedded' : 'postgresql',
    orm,
    settings,
    definition,
    fork: () => orm.em.fork(),
    probe,
    close: async () => {
      try {
        await orm.close();
      } finally {
        lock?.release();
      }
    },
  };
}
