import { databaseDefinition } from '../../mikro-orm.config.js';
import type { Config } from '../config.js';
import { migrate, pendingMigrations } from '../database/migrate.js';
import { type Database, openDatabase } from '../database/open.js';
import type { CommandIo } from './io.js';
import { UsageError } from './usage.js';

/** What a command does about migrations that have not run: as the server does at its start, or never run them. */
export type PendingMigrations = 'as-at-start' | 'refuse';

/** Opens the database, does the work and closes it; throws EmbeddedDatabaseInUseError while a server runs on it. */
export async function withDatabase<T>(
  config: Config,
  io: CommandIo,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const log = (message: string) => io.stderr.write(`${message}\n`);
  const database = await openDatabase(config.database, { ...databaseDefinition, log });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Like `withDatabase`, with every table as this version knows it. */
export function withMigratedDatabase<T>(
  config: Config,
  io: CommandIo,
  pending: PendingMigrations,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(config, io, async (database) => {
    if (pending === 'as-at-start' && config.database.migrateOnStart) await migrate(database);
    else await refusePending(database);
    return work(database);
  });
}

async function refusePending(database: Database): Promise<void> {
  const { length } = await pendingMigrations(database);
  if (length === 0) return;
  throw new UsageError(
    `The database is not up to date (migrations pending: ${length}). Run \`npm run migrate\` first.`,
  );
}
