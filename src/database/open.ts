import { mkdirSync } from 'node:fs';
import { type EntityManager, MikroORM } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import type { Pool } from 'pg';
import { withTimeout } from '../common/timeout.js';
import { type DataDirLock, lockDataDir } from './data-dir-lock.js';
import type { DatabaseDefinition } from './definition.js';
import { type DatabaseSettings, databaseOptions, embeddedDirectory } from './options.js';
import { DatabaseTimeoutError } from './timing.js';

/** The connections that requests share. */
export interface PoolUse {
  readonly open: number;
  readonly idle: number;
  /** How many wait for one. */
  readonly waiting: number;
}

export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly orm: MikroORM;
  readonly settings: DatabaseSettings;
  readonly definition: DatabaseDefinition;
  /** An EntityManager with an identity map of its own: one a request, or a task. */
  fork(): EntityManager;
  /** Resolves when the database has answered; rejects with its error, or when `timeoutMs` are over. */
  probe(timeoutMs: number): Promise<void>;
  /** Null on the embedded database, which has one connection. */
  poolUse(): PoolUse | null;
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
  const held: { pool?: Pool } = {};
  const onPool = (pool: Pool) => {
    held.pool = pool;
  };
  const orm = await initialise(settings, definition, onPool).catch((error: unknown) => {
    lock?.release();
    throw error;
  });
  const poolUse = () => (held.pool ? useOf(held.pool) : null);
  const database = { ...assemble(settings, definition, orm, lock), poolUse };
  if (database.kind === 'embedded') await startEmbedded(database);
  return database;
}

function useOf({ totalCount, idleCount, waitingCount }: Pool): PoolUse {
  return { open: totalCount, idle: idleCount, waiting: waitingCount };
}

async function initialise(
  settings: DatabaseSettings,
  definition: DatabaseDefinition,
  onPool: (pool: Pool) => void,
): Promise<MikroORM> {
  if (ownsDirectory(settings, definition)) {
    mkdirSync(embeddedDirectory(settings.dataDir), { recursive: true, mode: 0o700 });
  }
  return MikroORM.init(databaseOptions(settings, definition, onPool));
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
): Omit<Database, 'poolUse'> {
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
