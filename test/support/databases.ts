import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PgliteDriver } from '@mikro-orm/pglite';
import { MikroORM } from '@mikro-orm/sql';
import { Client } from 'pg';
import type { DatabaseDefinition } from '../../src/database/definition.js';
import { migrate } from '../../src/database/migrate.js';
import { type Database, openDatabase } from '../../src/database/open.js';
import type { DatabaseSettings } from '../../src/database/options.js';
import { type Query, restore, type Snapshot, takeSnapshot } from './database-reset.js';

export type TestDatabaseKind = 'pglite' | 'postgres';

/** For `describe.each` where concurrency, locking or connections are at stake. */
export const testDatabaseKinds: readonly TestDatabaseKind[] = ['pglite', 'postgres'];

/** For `describe.each` everywhere else: PGlite is PostgreSQL. TEST_DATABASES=all has both. */
export const ordinaryDatabaseKinds =
  process.env['TEST_DATABASES'] === 'all' ? testDatabaseKinds : (['pglite'] as const);

/** A fresh database, for one test file or one test. */
export interface TestDatabase {
  readonly kind: TestDatabaseKind;
  readonly settings: DatabaseSettings;
  /** Goes into the definition beside entities and migrations; says which embedded database in memory it is. */
  readonly overrides: Pick<DatabaseDefinition, 'inMemory'>;
  /** The connection string, on PostgreSQL only. */
  readonly url: string | null;
  /** Also gives it to the next test that asks, emptied. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Whether the project's migrations have run, as they have by default. */
  readonly migrated?: boolean;
}

/**
 * A database of the kind: one that an earlier test of the file has dropped, emptied, or else a fresh one from a template
 * that the first caller of a run makes.
 */
export async function createTestDatabase(
  kind: TestDatabaseKind,
  { migrated = true }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const dropped = migrated ? free[kind].pop() : undefined;
  const kept = dropped ?? (await (kind === 'postgres' ? createOnPostgres(migrated) : createInMemory(migrated)));
  const { settings, overrides, url } = kept;
  let mine = true;
  const drop = async (): Promise<void> => {
    if (!mine) return;
    mine = false;
    if (!over && (await kept.empty())) free[kind].push(kept);
    else await kept.remove();
  };
  return { kind, settings, overrides, url, drop };
}

/** The project's own entities and migrations; loaded late, so that tests of the database layer need none of it. */
export async function projectDefinition(): Promise<DatabaseDefinition> {
  const { databaseDefinition } = await import('../../mikro-orm.config.js');
  return databaseDefinition;
}

/** Settings as in production but for the parts given. */
export function databaseSettings(parts: Partial<DatabaseSettings>): DatabaseSettings {
  return {
    url: null,
    dataDir: join(tmpdir(), 'postern-test-never-used'),
    migrateOnStart: false,
    poolSize: 10,
    statementTimeout: 10_000,
    idleInTransactionTimeout: 10_000,
    ...parts,
  };
}

/** A temporary DATA_DIR; with `migrated` there is an embedded database in it, as the migrations leave it. */
export async function createDataDir({ migrated = false } = {}): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'postern-data-'));
  if (migrated)
    await (await PGlite.create({ dataDir: join(path, 'pglite'), loadDataDir: await dumpFor(true) })).close();
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs the work on one connection to the shared PostgreSQL, outside the code under test. */
export async function withPostgres<T>(work: (client: Client) => Promise<T>, url = sharedUrl()): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const templateName = 'postern_template';

interface KeptDatabase extends Pick<TestDatabase, 'settings' | 'overrides' | 'url'> {
  /** False where it is no longer as the migrations have left it. */
  empty(): Promise<boolean>;
  remove(): Promise<unknown>;
}

/** Of this test file: migrated databases whose test is over, for the next one; a fresh one takes a second on PGlite. */
const free: Record<TestDatabaseKind, KeptDatabase[]> = { pglite: [], postgres: [] };
let over = false;

/** What the file's own hooks stop after this one removes itself. */
afterAll(async () => {
  over = true;
  for (const kept of free.pglite.splice(0)) await kept.remove();
});

async function createOnPostgres(migrated: boolean): Promise<KeptDatabase> {
  const name = `postern_${randomUUID().replaceAll('-', '')}`;
  if (migrated) await once('postgres', makePostgresTemplate);
  await withPostgres((client) =>
    client.query(`create database ${name} template ${migrated ? templateName : 'template0'}`),
  );
  const url = urlOf(name);
  const snapshot = migrated ? await withPostgres((client) => takeSnapshot(queryOn(client)), url) : null;
  return {
    settings: databaseSettings({ url }),
    overrides: {},
    url,
    empty: async () => snapshot !== null && withPostgres((client) => emptied(client, snapshot), url),
    remove: () => withPostgres((client) => client.query(`drop database if exists ${name} with (force)`)),
  };
}

async function emptied(client: Client, snapshot: Snapshot): Promise<boolean> {
  await client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
  return restore(queryOn(client), snapshot);
}

function queryOn(client: Client): Query {
  return async (statement) => {
    const { rows }: { rows: Record<string, unknown>[] } = await client.query(statement);
    return rows;
  };
}

async function makePostgresTemplate(): Promise<void> {
  const { rowCount } = await withPostgres((client) =>
    client.query('select 1 from pg_database where datname = $1', [templateName]),
  );
  if (rowCount) return;
  const making = `${templateName}_in_the_making`;
  await withPostgres((client) => client.query(`drop database if exists ${making} with (force)`));
  await withPostgres((client) => client.query(`create database ${making} template template0`));
  await (await migrateProject(databaseSettings({ url: urlOf(making) }), {})).close();
  await withPostgres((client) => client.query(`alter database ${making} rename to ${templateName}`));
}

async function createInMemory(migrated: boolean): Promise<KeptDatabase> {
  const pglite = await startPglite(await dumpFor(migrated));
  const query: Query = async (statement) => (await pglite.query<Record<string, unknown>>(statement)).rows;
  const snapshot = migrated ? await takeSnapshot(query) : null;
  return {
    settings: databaseSettings({}),
    overrides: { inMemory: { pglite } },
    url: null,
    empty: async () => snapshot !== null && restore(query, snapshot),
    remove: () => pglite.close(),
  };
}

/** With MikroORM's readers of types, which a PGlite of one's own would lack; the connection it comes from is let go of. */
async function startPglite(loadDataDir: Blob): Promise<PGlite> {
  const orm = await MikroORM.init({
    driver: PgliteDriver,
    dbName: 'memory://',
    driverOptions: () => ({ loadDataDir }),
    entities: [],
    discovery: { warnWhenNoEntities: false },
  });
  return nativeClient(orm);
}

/** Of a data directory, made by the first caller of a run. */
async function dumpFor(migrated: boolean): Promise<Blob> {
  const file = join(environment('POSTERN_TEST_CACHE'), migrated ? 'migrated.tar' : 'empty.tar');
  const dump = await readFile(file).catch(() => once(file, () => makeDump(file, migrated)));
  return new Blob([new Uint8Array(dump)]);
}

async function makeDump(file: string, migrated: boolean): Promise<Buffer> {
  const made = await readFile(file).catch(() => null);
  if (made) return made;
  const inMemory = { initDbStartParams: ['--wal-segsize=1'] };
  const pglite = migrated
    ? await nativeClient((await migrateProject(databaseSettings({}), { inMemory })).orm)
    : await PGlite.create(inMemory);
  const dump = await dumpOf(pglite);
  await writeFile(`${file}.part`, dump);
  await rename(`${file}.part`, file);
  return dump;
}

/** Without the databases that nobody opens, and with segments of 1 MB: every test file unpacks all that there is. */
async function dumpOf(pglite: PGlite): Promise<Buffer> {
  for (const name of ['template0', 'template1']) {
    await pglite.query(`update pg_database set datistemplate = false where datname = '${name}'`);
    await pglite.query(`drop database ${name}`);
  }
  await pglite.query('checkpoint');
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  return Buffer.from(await dump.arrayBuffer());
}

async function migrateProject(settings: DatabaseSettings, overrides: Partial<DatabaseDefinition>): Promise<Database> {
  const database = await openDatabase(settings, { ...(await projectDefinition()), ...overrides });
  await migrate(database).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  return database;
}

async function nativeClient(orm: MikroORM): Promise<PGlite> {
  const client: unknown = await orm.em.getConnection().getNativeClient();
  if (!(client instanceof PGlite)) throw new TypeError('not an embedded database');
  return client;
}

/** Runs the work while no other worker of this run does work of that name, by an advisory lock on the shared server. */
async function once<T>(name: string, work: () => Promise<T>): Promise<T> {
  return withPostgres(async (client) => {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return work();
  });
}

function urlOf(database: string): string {
  const url = new URL(sharedUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function sharedUrl(): string {
  return environment('POSTERN_TEST_POSTGRES');
}

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: does jest.config.js name the global setup?`);
  return value;
}
