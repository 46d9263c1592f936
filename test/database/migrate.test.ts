import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { migrate, pendingMigrations } from '../../src/database/migrate.js';
import { type Database, openDatabase } from '../../src/database/open.js';
import { createTestDatabase, type TestDatabase, testDatabaseKinds, withPostgres } from '../support/databases.js';
import { IndexesConcurrently, MakesNotes, Note, noteDefinition, TakesItsTime } from './support.js';

const names = ['MakesNotes', 'TakesItsTime', 'IndexesConcurrently'];

describe.each(testDatabaseKinds)('migrations on %s', (kind) => {
  let fresh: TestDatabase;
  const opened: Database[] = [];

  const open = async (): Promise<Database> => {
    const migrations = [MakesNotes, TakesItsTime, IndexesConcurrently];
    const database = await openDatabase(
      { ...fresh.settings, statementTimeout: 300, idleInTransactionTimeout: 300 },
      { ...noteDefinition, migrations, ...fresh.overrides },
    );
    opened.push(database);
    return database;
  };

  beforeEach(async () => {
    fresh = await createTestDatabase(kind, { migrated: false });
  }, 30_000);

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await fresh.drop();
  });

  test('run once, in order, also beyond the statement timeout and outside a transaction', async () => {
    const database = await open();
    expect(await pendingMigrations(database)).toEqual(names);
    expect(await migrate(database)).toEqual(names);
    expect(await pendingMigrations(database)).toEqual([]);
    expect(await migrate(database)).toEqual([]);
  });

  test('asked for pending ones, create nothing', async () => {
    const database = await open();
    await pendingMigrations(database);
    const { rows } = await sql`select tablename from pg_tables where schemaname = 'public'`.execute(
      database.fork().getKysely(),
    );
    expect(rows).toEqual([]);
  });

  if (kind === 'postgres') {
    test('are safe for three instances that start at once', async () => {
      const three = await Promise.all([open(), open(), open()]);
      const applied = await Promise.all(three.map((database) => migrate(database)));
      expect(applied.toSorted((a, b) => a.length - b.length)).toEqual([[], [], names]);
      const pending = await Promise.all(three.map(pendingMigrations));
      expect(pending).toEqual([[], [], []]);
      for (const database of three) expect(await database.fork().count(Note)).toBe(0);
    });

    test('wait for their turn no longer than they are told to, and leave no connection and no table', async () => {
      const database = await open();
      await withPostgres(async (rival) => {
        await rival.query('select pg_advisory_lock(7097821134)');
        const stop = new AbortController();
        const waiting = migrate(database, stop.signal);
        waiting.catch(() => undefined);
        const connected = "select 1 from pg_stat_activity where application_name = 'postern-migrator'";
        const ofThis = `${connected} and datname = current_database()`;
        while ((await rival.query(ofThis)).rowCount === 0) await delay(10);
        stop.abort(new Error('enough'));
        await expect(waiting).rejects.toThrow('enough');
        while ((await rival.query(ofThis)).rowCount !== 0) await delay(10);
      }, fresh.settings.url ?? '');
      expect(await pendingMigrations(database)).toEqual(names);
      await expect(migrate(database, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    });

    test('are not cut short by a limit that the database sets', async () => {
      const database = await open();
      const name = new URL(fresh.url ?? '').pathname.slice(1);
      await withPostgres((client) => client.query(`alter database ${name} set statement_timeout to 500`));
      expect(await migrate(database)).toEqual(names);
    });

    test('need no superuser', async () => {
      const database = await open();
      const role = `owner_${fresh.settings.url?.slice(-8)}`;
      const kysely = database.fork().getKysely();
      await sql`create role ${sql.id(role)} login password 'secret'`.execute(kysely);
      await sql`grant create, usage on schema public to ${sql.id(role)}`.execute(kysely);
      const url = new URL(fresh.settings.url ?? '');
      url.username = role;
      url.password = 'secret';
      const asOwner = await openDatabase({ ...fresh.settings, url: url.href }, database.definition);
      opened.push(asOwner);
      expect(await migrate(asOwner)).toEqual(names);
    });
  }
});
