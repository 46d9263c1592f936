import { verifyEvents } from '../../src/cli/verify-events.js';
import { run, variablesFor } from '../cli/support.js';
import { createDataDir, createTestDatabase, type TestDatabase, withPostgres } from '../support/databases.js';

const zeros = '00'.repeat(32);

describe('verify-events', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('postgres');
  });
  afterEach(() => database.drop());

  const verify = (...args: string[]) => run(verifyEvents, args, variablesFor(database));
  const execute = (text: string) => withPostgres((client) => client.query(text), database.url ?? '');
  const insert = (count: number) =>
    execute(`insert into security_events (id, type, created_at)
      select gen_random_uuid(), 'signed_in', now() - interval '40 days' from generate_series(1, ${count})`);
  const head = async (): Promise<string> => /Head: (\S+)/.exec((await verify()).out)?.[1] ?? '';

  test('says how many events there are and where the chain ends', async () => {
    expect(await verify()).toEqual({ code: 0, out: `Verified: 0 security events.\nHead: 0:${zeros}\n`, err: '' });
    await insert(3);
    expect(await verify()).toEqual({
      code: 0,
      out: expect.stringMatching(/^Verified: 3 security events\.\nHead: 3:[0-9a-f]{64}\n$/),
      err: '',
    });
    await execute("select purge_security_events('infinity', 2)");
    expect((await verify()).out).toMatch(/^Verified: 1 security events after 2 that were purged\.\nHead: 3:/);
  });

  test('ends with exit code 1 and the first fault in a line', async () => {
    await insert(3);
    await execute(`set session_replication_role = replica; update security_events set detail = 'x'`);
    expect(await verify()).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^verify-events: Position 1: the event \S{36} is not what was sealed there\..*\n$/),
    });
  });

  test('goes to the end of a chain that is longer than what is read at once', async () => {
    for (let batch = 0; batch < 11; batch += 1) await insert(500);
    expect((await verify()).out).toMatch(/^Verified: 5500 /);
    const late = '(select event_id from security_event_seals where position = 5400)';
    await execute(`set session_replication_role = replica; update security_events set detail = '' where id = ${late}`);
    expect((await verify()).err).toMatch(/^verify-events: Position 5400: /);
  });

  test('compares a head that was noted down earlier', async () => {
    await insert(2);
    const noted = await head();
    await insert(2);
    expect(await verify('--from', noted)).toMatchObject({ code: 0, err: '' });
    expect(await verify('--from', noted.toUpperCase())).toMatchObject({ code: 0 });
    expect(await verify('--from', `2:${zeros}`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^verify-events: Position 2: the hash is/),
    });
    expect(await verify('--from', `5:${zeros}`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^verify-events: The chain ends at position 4/),
    });
  });

  test.each(['', '1', `1:${zeros}0`, `-1:${zeros}`, `x:${zeros}`, `1 ${zeros}`])(
    'does not take --from=%s',
    async (from) => {
      expect(await verify(`--from=${from}`)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^verify-events: --from must/),
      });
    },
  );

  test('is not held up by a statement timeout', async () => {
    await insert(1);
    const variables = { ...variablesFor(database), DATABASE_STATEMENT_TIMEOUT: '1s' };
    await execute(`create or replace view slow as select 1; alter table security_events rename to stored;
      create view security_events as select stored.* from stored, (select pg_sleep(1.2)) as sleep`);
    expect(await run(verifyEvents, [], variables)).toMatchObject({ code: 0 });
  });

  test('refuses a database that is not up to date', async () => {
    const empty = await createTestDatabase('postgres', { migrated: false });
    expect(await run(verifyEvents, [], variablesFor(empty))).toMatchObject({
      code: 1,
      err: expect.stringContaining('migrations pending'),
    });
    await empty.drop();
  });
});

test('verify-events works in an embedded database', async () => {
  const dataDir = await createDataDir({ migrated: true });
  const variables = { DATA_DIR: dataDir.path };
  expect(await run(verifyEvents, [], variables)).toMatchObject({
    code: 0,
    out: `Verified: 0 security events.\nHead: 0:${zeros}\n`,
  });
  await dataDir.remove();
});
