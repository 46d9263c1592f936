import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Migration } from '@mikro-orm/migrations';
import { sql } from 'kysely';
import { migrate } from '../../src/database/migrate.js';
import { type Database, openDatabase } from '../../src/database/open.js';
import { retryWhileUnavailable } from '../../src/database/retry.js';
import { isDatabaseUnavailable } from '../../src/database/unavailable.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import {
  createDataDir,
  createTestDatabase,
  databaseSettings,
  testDatabaseKinds,
  withPostgres,
} from '../support/databases.js';
import { Note, noteDefinition } from './support.js';

describe.each(testDatabaseKinds)('a fresh %s database', (kind) => {
  test('holds entities and answers Kysely in the same transaction', async () => {
    const fresh = await createTestDatabase(kind, { migrated: false });
    const database = await openDatabase(fresh.settings, { ...noteDefinition, ...fresh.overrides });
    try {
      await migrate(database);
      const counted = await database.fork().transactional(async (em) => {
        em.create(Note, { id: 1, text: 'one' });
        await em.flush();
        return sql<{ n: number }>`select count(*) as n from notes where text = ${'one'}`.execute(em.getKysely());
      });
      expect(counted.rows).toEqual([{ n: 1 }]);
    } finally {
      await database.close();
      await fresh.drop();
    }
  }, 30_000);

  test('tells of every statement, by entity or by Kysely', async () => {
    const fresh = await createTestDatabase(kind, { migrated: false });
    const statements: string[] = [];
    const database = await openDatabase(fresh.settings, {
      ...noteDefinition,
      ...fresh.overrides,
      onStatement: (statement) => statements.push(statement),
    });
    try {
      await migrate(database);
      statements.length = 0;
      await database.fork().find(Note, {});
      await sql`select 2`.execute(database.fork().getKysely());
      expect(statements).toEqual([expect.stringMatching(/from "notes"/), 'select 2']);
    } finally {
      await database.close();
      await fresh.drop();
    }
  }, 30_000);
});

describe('the embedded database', () => {
  test('that does not open is closed before its directory is given back', async () => {
    const dataDir = await createDataDir();
    const settings = databaseSettings({ dataDir: dataDir.path });
    const onStatement = () => {
      throw new Error('no statement today');
    };
    await expect(openDatabase(settings, { ...noteDefinition, onStatement })).rejects.toThrow('no statement today');
    expect(await stateOfCluster(join(dataDir.path, 'pglite'))).toBe('shut down');
    await (await openDatabase(settings, noteDefinition)).close();
    await dataDir.remove();
  }, 30_000);

  test('lives in private directories and keeps its rows', async () => {
    const dataDir = await createDataDir();
    const settings = databaseSettings({ dataDir: join(dataDir.path, 'made') });
    const first = await openDatabase(settings, noteDefinition);
    await migrate(first);
    await sql`insert into notes (text) values ('kept')`.execute(first.fork().getKysely());
    await first.close();
    const second = await openDatabase(settings, noteDefinition);
    try {
      expect(await second.fork().find(Note, {})).toMatchObject([{ text: 'kept' }]);
      for (const directory of [settings.dataDir, join(settings.dataDir, 'pglite')]) {
        expect(((await stat(directory)).mode & 0o777).toString(8)).toBe('700');
      }
    } finally {
      await second.close();
      await dataDir.remove();
    }
  }, 30_000);
});

/** The state in the control file: DBState of PostgreSQL's src/include/catalog/pg_control.h, after four other numbers. */
async function stateOfCluster(directory: string): Promise<string> {
  const state = (await readFile(join(directory, 'global', 'pg_control'))).readUInt32LE(16);
  return state === 1 ? 'shut down' : `state ${state}`;
}

describe('a PostgreSQL database with customs of its own', () => {
  test('gives its dates as ISO 8601 to the pool and to the migrator', async () => {
    const fresh = await createTestDatabase('postgres', { migrated: false });
    const name = new URL(fresh.url ?? '').pathname.slice(1);
    await withPostgres((client) => client.query(`alter database ${name} set datestyle to 'SQL, DMY'`));
    class WritesADate extends Migration {
      override up(): void {
        this.addSql(
          "create table dates as select timestamptz '2026-03-04 05:06:07.089Z' as at, '2026-03-04'::date::text as day",
        );
      }
    }
    const database = await openDatabase(fresh.settings, { ...noteDefinition, migrations: [WritesADate] });
    try {
      await migrate(database);
      const { rows } = await sql<{ at: string; day: string }>`select at, day from dates`.execute(
        database.fork().getKysely(),
      );
      expect(rows.map(({ at, day }) => [new Date(at).toISOString(), day])).toEqual([
        ['2026-03-04T05:06:07.089Z', '2026-03-04'],
      ]);
    } finally {
      await database.close();
      await fresh.drop();
    }
  }, 30_000);
});

describe('PostgreSQL that comes and goes', () => {
  let cluster: Cluster;
  let database: Database;
  const log: string[] = [];

  beforeAll(async () => {
    cluster = await startCluster();
    const settings = databaseSettings({
      url: cluster.url(),
      statementTimeout: 500,
      idleInTransactionTimeout: 300,
      poolSize: 3,
    });
    database = await openDatabase(settings, { ...noteDefinition, log: (message) => log.push(message) });
    await migrate(database);
  }, 30_000);

  afterAll(async () => {
    await database.close();
    await cluster.destroy();
  }, 30_000);

  const count = () => database.fork().count(Note);

  test('sets its timeouts and its name on every connection', async () => {
    const { rows } = await sql`
      select current_setting('statement_timeout') as statement, current_setting('application_name') as name,
        current_setting('idle_in_transaction_session_timeout') as idle`.execute(database.fork().getKysely());
    expect(rows).toEqual([{ statement: '500ms', idle: '300ms', name: 'postern' }]);
  });

  test('cuts a statement that takes too long, as an unavailable database', async () => {
    const failure = await sql`select pg_sleep(2)`.execute(database.fork().getKysely()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: '57014' });
    expect(isDatabaseUnavailable(failure)).toBe(true);
  });

  test('survives the end of all idle connections', async () => {
    await count();
    const { rowCount } = await withPostgres(
      (client) =>
        client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern'"),
      cluster.url(),
    );
    // Each connection may be taken in the very moment it dies, and fail one statement; then there is none left to.
    const outcomes = [];
    for (let tries = 0; tries <= (rowCount ?? 0); tries++) outcomes.push(await count().catch(() => 'cut'));
    expect(outcomes.at(-1)).toBe(0);
  });

  test('needs no restart when the server is stopped and started', async () => {
    await count();
    await cluster.stop();
    const failures = await Promise.all([1, 2, 3, 4].map(() => count().catch((error: unknown) => error)));
    expect(failures.map(isDatabaseUnavailable)).toEqual([true, true, true, true]);
    expect(isDatabaseUnavailable(await database.probe(1_000).catch((error: unknown) => error))).toBe(true);
    const retries: number[] = [];
    const back = retryWhileUnavailable(() => database.probe(1_000), {
      signal: AbortSignal.timeout(20_000),
      onRetry: (_error, waitMs) => {
        retries.push(waitMs);
        if (retries.length === 2) void cluster.start();
      },
    });
    await back;
    expect(retries.slice(0, 2)).toEqual([250, 500]);
    expect(await count()).toBe(0);
  }, 30_000);

  test('pauses before each try, whichever part of the work has failed', async () => {
    const waits: number[] = [];
    const start = performance.now();
    const work = async () => {
      await database.probe(1_000);
      if (waits.length < 2)
        throw Object.assign(new Error('cannot execute in a read-only transaction'), { code: '25006' });
      return 'done';
    };
    const onRetry = (_error: unknown, waitMs: number) => waits.push(waitMs);
    expect(await retryWhileUnavailable(work, { signal: AbortSignal.timeout(10_000), onRetry })).toBe('done');
    expect(waits).toEqual([250, 500]);
    expect(performance.now() - start).toBeGreaterThan(740);
  });

  test('stops waiting when it is told to', async () => {
    await cluster.stop();
    const stop = new AbortController();
    const waiting = retryWhileUnavailable(count, {
      signal: stop.signal,
      onRetry: () => stop.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
    await cluster.start();
  }, 30_000);

  test('drops a connection whose backend has fallen silent, and takes another', async () => {
    const settings = databaseSettings({ url: cluster.url(), statementTimeout: 300, poolSize: 1 });
    const single = await openDatabase(settings, { ...noteDefinition, log: () => undefined });
    const pidOf = async () => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(single.fork().getKysely());
      return rows[0]?.pid ?? 0;
    };
    const frozen = await pidOf();
    process.kill(frozen, 'SIGSTOP');
    try {
      const failure = await single
        .fork()
        .transactional((em) => em.find(Note, {}))
        .catch((error: unknown) => error);
      expect(isDatabaseUnavailable(failure)).toBe(true);
      expect(await pidOf()).not.toBe(frozen);
    } finally {
      process.kill(frozen, 'SIGCONT');
      await single.close();
    }
  }, 30_000);

  test('gets every place of the pool back from transactions that an outage cut short', async () => {
    const cutShort = () =>
      database
        .fork()
        .transactional((em) => sql`select pg_sleep(0.4)`.execute(em.getKysely()))
        .catch((error: unknown) => error);
    const running = Array.from({ length: 3 }, cutShort);
    await withPostgres(async (client) => {
      const busy = "select 1 from pg_stat_activity where query like '%pg_sleep(0.4)%' and application_name = 'postern'";
      while ((await client.query(busy)).rowCount !== 3);
    }, cluster.url());
    const waiting = Array.from({ length: 3 }, cutShort);
    await cluster.kill();
    const failures = await Promise.all([...running, ...waiting]);
    expect(failures.map(isDatabaseUnavailable)).toEqual([true, true, true, true, true, true]);
    await cluster.start();
    expect(await Promise.all([count(), count(), count(), count()])).toEqual([0, 0, 0, 0]);
  }, 30_000);

  test('comes back after kill -9', async () => {
    await count();
    await cluster.kill();
    expect(isDatabaseUnavailable(await count().catch((error: unknown) => error))).toBe(true);
    await cluster.start();
    expect(await count()).toBe(0);
  }, 30_000);
});
