import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import type { Command } from '../../src/cli/command.js';
import { createSuperuser } from '../../src/cli/createsuperuser.js';
import { flushExpiredTokens } from '../../src/cli/flushexpiredtokens.js';
import { migrateCommand } from '../../src/cli/migrate.js';
import { outboxCommand } from '../../src/cli/outbox.js';
import { schemaCommand } from '../../src/cli/schema.js';
import { seedCommand } from '../../src/cli/seed.js';
import { verifyEvents } from '../../src/cli/verify-events.js';
import { lockDataDir } from '../../src/database/data-dir-lock.js';
import { createDataDir, createTestDatabase, type TestDatabase } from '../support/databases.js';
import { type Outcome, run, variablesFor, withRows } from './support.js';

const superuser = ['--username', 'root', '--email', 'root@example.com', '--random-password'];

const databaseCommands: [string, Command, string[]][] = [
  ['createsuperuser', createSuperuser, superuser],
  ['flushexpiredtokens', flushExpiredTokens, []],
  ['migrate', migrateCommand, []],
  ['outbox', outboxCommand, ['list']],
  ['seed', seedCommand, []],
  ['verify-events', verifyEvents, []],
];

describe.each(databaseCommands)('%s', (name, command, args) => {
  const refused = (err: string | RegExp): Outcome => ({
    code: 1,
    out: '',
    err: typeof err === 'string' ? err : expect.stringMatching(err),
  });

  test('says in one line that the embedded database is in use', async () => {
    const dataDir = await createDataDir();
    const lock = lockDataDir(dataDir.path);
    try {
      const line = new RegExp(`^${name}: The embedded database in .* is in use by .*Stop that one first.*\n$`);
      expect(await run(command, args, { DATA_DIR: dataDir.path })).toEqual(refused(line));
    } finally {
      lock.release();
      await dataDir.remove();
    }
  });

  test('says in one line that PostgreSQL is away', async () => {
    const variables = { DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:1/nothing' };
    const outcome = await run(command, args, variables);
    expect(outcome).toEqual(refused(new RegExp(`^${name}: The database does not answer \\(.*ECONNREFUSED.*\n$`)));
    expect(outcome.err).not.toContain('secret');
  });

  test('says in one line what PostgreSQL refuses', async () => {
    const database = await createTestDatabase('postgres', { migrated: false });
    const url = new URL(database.url ?? '');
    url.pathname = '/no_such_database';
    expect(await run(command, args, { DATABASE_URL: url.href })).toEqual(
      refused(new RegExp(`^${name}: The database refuses \\(3D000\\): .*no_such_database.*\n$`)),
    );
    await database.drop();
  });

  test('tells each fault of the settings in a line', async () => {
    const outcome = await run(command, args, { PORT: 'x', JWT_LEEWAY: 'long' });
    expect(outcome).toEqual(refused(new RegExp(`^${name}: PORT must .*\n${name}: JWT_LEEWAY must .*\n$`)));
  });
});

describe('migrate', () => {
  test('names what it applied, and then says that nothing is pending', async () => {
    const database = await createTestDatabase('postgres', { migrated: false });
    const first = await run(migrateCommand, [], variablesFor(database));
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^(Applied Migration\w+\.\n)+$/), err: '' });
    expect(await run(migrateCommand, [], variablesFor(database))).toMatchObject({
      code: 0,
      out: 'The database is up to date: nothing was pending.\n',
    });
    await database.drop();
  });

  test('works in an embedded database, which it closes', async () => {
    const dataDir = await createDataDir();
    const variables = { DATA_DIR: dataDir.path };
    expect(await run(migrateCommand, [], variables)).toMatchObject({ code: 0, err: '' });
    lockDataDir(dataDir.path).release();
    await dataDir.remove();
  });
});

describe('flushexpiredtokens', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('postgres');
  });
  afterEach(() => database.drop());

  const flush = () => run(flushExpiredTokens, [], variablesFor(database));
  const report = (sessions: number, tokens: number) =>
    `Deleted: sessions ${sessions}, refresh tokens ${tokens}, security events 0, other rows 0.\n`;

  /** Sessions with a token each, that expired so many minutes ago. */
  const addSessions = (number: number, minutesAgo: number) => `
    with owner as (
      insert into users (id, username, email, password_hash, role, created_at)
      values (gen_random_uuid(), 'u${minutesAgo}', 'u${minutesAgo}@example.com', 'none', 'USER', now()) returning id
    ), added as (
      insert into sessions (id, user_id, created_at, last_used_at, expires_at)
      select gen_random_uuid(), owner.id, now(), now(), now() - interval '${minutesAgo} minutes'
      from owner, generate_series(1, ${number}) returning id, user_id, expires_at)
    insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
    select gen_random_uuid(), id, user_id, now(), expires_at from added`;

  const counts = () =>
    withRows(database, (execute) =>
      execute(`select (select count(*) from sessions)::int as sessions,
        (select count(*) from refresh_tokens)::int as tokens`),
    );

  test('deletes what has expired, and keeps a session while its last access token may live', async () => {
    await withRows(database, async (execute) => {
      await execute(addSessions(1_500, 60));
      await execute(addSessions(3, 2));
      await execute(addSessions(4, -60));
    });
    expect(await flush()).toEqual({ code: 0, out: report(1_500, 1_503), err: '' });
    expect(await counts()).toEqual([{ sessions: 7, tokens: 4 }]);
    expect(await flush()).toMatchObject({ code: 0, out: report(0, 0) });
  });

  test('is safe beside others of its kind', async () => {
    await withRows(database, (execute) => execute(addSessions(4_000, 60)));
    const together = await Promise.all([flush(), flush(), flush()]);
    const rest = await flush();
    const outcomes = [...together, rest];
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const deleted = outcomes.map(({ out }) => Number(/sessions (\d+)/.exec(out)?.[1]));
    expect(deleted.reduce((sum, number) => sum + number)).toBe(4_000);
    expect(await counts()).toEqual([{ sessions: 0, tokens: 0 }]);
  });

  test('refuses a database that is not up to date', async () => {
    const empty = await createTestDatabase('postgres', { migrated: false });
    expect(await run(flushExpiredTokens, [], variablesFor(empty))).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^flushexpiredtokens: .*pending: \d+\)\. Run `npm run migrate` first\.\n$/),
    });
    await empty.drop();
  });
});

describe('schema', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-schema-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const schema = (...args: string[]) => run(schemaCommand, ['--file', join(directory, 'schema.graphql'), ...args], {});

  test('writes a schema that says where it is from, the same each time', async () => {
    expect(await schema()).toEqual({ code: 0, out: '', err: '' });
    const text = await readFile(join(directory, 'schema.graphql'), 'utf8');
    expect(text).toMatch(/^# Generated /);
    expect(buildSchema(text).getMutationType()?.getFields()).toHaveProperty('obtainToken');
    expect(await schema('--print')).toEqual({ code: 0, out: text, err: '' });
    expect(await schema('--check')).toEqual({ code: 0, out: '', err: '' });
  });

  test.each([
    [
      'changed',
      (text: string) => text.replace('type User ', 'type Usr '),
      /from line \d+: "type Usr {", not "type User/,
    ],
    ['cut short', (text: string) => text.slice(0, 1_000), /from line \d+/],
    ['longer', (text: string) => `${text}# more\n`, /from line \d+: "# more", not ""/],
    ['missing', () => null, /from line 1/],
  ])('finds a file that is %s', async (_how, change, complaint) => {
    await schema();
    const file = join(directory, 'schema.graphql');
    const changed = change(await readFile(file, 'utf8'));
    await (changed === null ? rm(file) : writeFile(file, changed));
    const { code, err } = await schema('--check');
    expect(code).toBe(1);
    expect(err).toMatch(complaint);
    expect(err).toMatch(/Run `npm run schema`\.\n$/);
  });
});
