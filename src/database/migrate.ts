import { isNativeError } from 'node:util/types';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type Options } from '@mikro-orm/sql';
import { type Kysely, sql } from 'kysely';
import type { Database } from './open.js';
import { databaseOptions } from './options.js';
import { pause } from './timing.js';

/** Any number will do, so long as every version of Postern takes the same. */
const lockKey = 7_097_821_134;

/** Milliseconds between two tries for the lock. */
const lockInterval = 200;

/** PostgreSQL's undefined_table: no migration has ever run. */
const undefinedTable = '42P01';

/**
 * Runs the pending migrations, oldest first, and returns the names of those that this call applied.
 *
 * Any number of instances may call it at once: on PostgreSQL they take turns by an advisory lock, and those who come late
 * find nothing to do. The embedded database belongs to one process anyway. Rejects when the signal aborts before the
 * first of them has begun; those that have begun are finished.
 */
export async function migrate(database: Database, signal = new AbortController().signal): Promise<string[]> {
  signal.throwIfAborted();
  if (database.kind === 'embedded') return runPending(database.orm);
  const orm = await MikroORM.init(singleSession(database));
  try {
    await takeLock(orm.em.getConnection().getClient(), signal);
    // Closing the session gives the lock back, whatever has happened.
    return await runPending(orm);
  } finally {
    await orm.close();
  }
}

/**
 * Asks again and again instead of waiting inside `pg_advisory_lock`: a waiting statement is an open transaction, which
 * a `create index concurrently` of the lock's holder would wait for in turn.
 */
async function takeLock(kysely: Kysely<unknown>, signal: AbortSignal): Promise<void> {
  const tryLock = sql<{ taken: boolean }>`select pg_try_advisory_lock(${lockKey}) as taken`;
  while (!(await tryLock.execute(kysely)).rows[0]?.taken) {
    await pause(lockInterval, signal);
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
}

/** The names of the migrations that have not run, oldest first; one read, creating nothing. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const applied = new Set(await appliedMigrations(database));
  return database.definition.migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}

async function appliedMigrations(database: Database): Promise<string[]> {
  const table = database.orm.config.get('migrations').tableName ?? 'mikro_orm_migrations';
  const kysely = database.orm.em.getConnection().getClient();
  try {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)}`.execute(kysely);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isNativeError(error) && 'code' in error && error.code === undefinedTable) return [];
    throw error;
  }
}

async function runPending(orm: MikroORM): Promise<string[]> {
  const applied = await new Migrator(orm.em).up();
  return applied.map(({ name }) => name);
}

/**
 * The same database through one connection that is never recycled: the session that holds the lock is the one that
 * migrates. No timeouts: a migration takes its time, and so does waiting for one.
 */
function singleSession({ settings, definition }: Database): Options {
  const options = databaseOptions(
    { ...settings, poolSize: 1, statementTimeout: 0, idleInTransactionTimeout: 0 },
    definition,
  );
  const driverOptions = { ...options.driverOptions, idleTimeoutMillis: 0, application_name: 'postern-migrator' };
  // Without entities: discovering them again would bind their prototypes to this short-lived ORM.
  return { ...options, driverOptions, entities: [], discovery: { warnWhenNoEntities: false } };
}
