import { join } from 'node:path';
import { UnderscoreNamingStrategy } from '@mikro-orm/core';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator } from '@mikro-orm/migrations';
import { PgliteDriver } from '@mikro-orm/pglite';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Options } from '@mikro-orm/sql';
import { Client, type ClientBase, type Pool, types } from 'pg';
import type { Config } from '../config.js';
import { watchConnections } from './dead-connections.js';
import type { DatabaseDefinition } from './definition.js';
import { applySessionSettings } from './session-settings.js';
import { observeStatements } from './statements.js';

export type DatabaseSettings = Config['database'];

/** How long opening a connection, or waiting for a free one, may take, in milliseconds. */
export const connectTimeout = 5_000;

/** Beyond the server's own statement timeout only a server that no longer answers stays silent for so long, in milliseconds. */
const silenceAllowance = 2_000;

/** Where the embedded database keeps its files. */
export const embeddedDirectory = (dataDir: string): string => join(dataDir, 'pglite');

/** The one set of MikroORM options: for the server, the commands, the tests and MikroORM's own tooling. */
export function databaseOptions(
  settings: DatabaseSettings,
  definition: DatabaseDefinition,
  onPool: (pool: Pool) => void = () => undefined,
): Options {
  const { log } = definition;
  return {
    entities: [...definition.entities],
    metadataProvider: ReflectMetadataProvider,
    namingStrategy: UnderscoreNamingStrategy,
    extensions: [Migrator],
    ensureDatabase: false,
    ...(log ? { logger: log, colors: false } : {}),
    ...observeStatements(definition.onStatement),
    migrations: {
      migrationsList: [...definition.migrations],
      // Each migration is a transaction of its own, so that one that cannot run inside any (`create index
      // concurrently`) has its place; foreign keys stay on because switching them off takes a superuser.
      allOrNothing: false,
      disableForeignKeys: false,
      snapshot: false,
      silent: true,
    },
    ...(settings.url === null ? embedded(settings, definition) : postgresql(settings, settings.url, onPool)),
  };
}

function embedded(settings: DatabaseSettings, { inMemory }: DatabaseDefinition): Options {
  // As a function: MikroORM clones plain options, and a cloned Blob is none.
  if (inMemory) return { driver: PgliteDriver, dbName: 'memory://', driverOptions: () => ({ ...inMemory }) };
  return { driver: PgliteDriver, dbName: embeddedDirectory(settings.dataDir) };
}

function postgresql(settings: DatabaseSettings, url: string, onPool: (pool: Pool) => void): Options {
  return {
    driver: PostgreSqlDriver,
    dbName: databaseName(url),
    driverOptions: {
      // Given to pg as it stands: MikroORM's own reading of a URL drops sslmode and socket directories.
      connectionString: url,
      application_name: 'postern',
      max: settings.poolSize,
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: connectTimeout,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      query_timeout: settings.statementTimeout > 0 ? settings.statementTimeout + silenceAllowance : 0,
      onConnect: (client: ClientBase) => applySessionSettings(client, settings, connectTimeout),
      onPoolCreated: (pool: Pool) => {
        preparePool(pool);
        onPool(pool);
      },
    },
  };
}

function databaseName(url: string): string {
  return new Client({ connectionString: url }).database ?? 'postgres';
}

function preparePool(pool: Pool): void {
  watchConnections(pool);
  pool.on('connect', (client) => client.setTypeParser(types.builtins.INT8, parseInt8));
}

/** As PGlite reads a bigint, so that `count(*)` is a number on both. */
function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
