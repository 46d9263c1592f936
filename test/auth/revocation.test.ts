import { createTestApp, type TestApp } from '../support/app.js';
import type { TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase, testDatabaseKinds, withPostgres } from '../support/databases.js';
import { FakeClock } from '../support/fake-clock.js';

const logout = 'mutation { logout { sessionsEnded } }';
const me = '{ me { id } }';

/** The reason for which the client is refused, or null while it is let in. */
async function refusal(client: TestClient): Promise<string | null> {
  const { errors } = await client.query(me);
  return errors[0]?.extensions.reason ?? null;
}

/** Milliseconds until the client is refused for that reason; gives up after five seconds. */
async function timeToRefusal(client: TestClient, reason = 'REVOKED'): Promise<number> {
  const start = performance.now();
  while ((await refusal(client)) !== reason) {
    if (performance.now() - start > 5_000) throw new Error('The token is still accepted after five seconds.');
  }
  return performance.now() - start;
}

describe.each(testDatabaseKinds)('what ends an access token before it expires, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const execute = (sql: string) => instance.app.database.fork().execute(sql);

  test.each([
    ['a change of role', 'role', "update users set role = 'ADMIN' where username = 'role'"],
    ['a deactivation', 'activity', "update users set is_active = false where username = 'activity'"],
    ['a new password', 'password', "update users set password_changed_at = now() where username = 'password'"],
    ['the deletion of the user', 'deleted', "delete from users where username = 'deleted'"],
    ['the end of the session, by whatever hand', 'ended', 'update sessions set ended_at = now()'],
    ['the deletion of the session', 'erased', 'delete from sessions'],
  ])('%s', async (_case, username, statement) => {
    client = instance.client();
    await client.register(username);
    await client.signIn(username);
    expect(await refusal(client)).toBeNull();
    await execute(statement);
    expect(await timeToRefusal(client)).toBeLessThan(1_000);
  });

  test('what changes no rights ends nothing', async () => {
    client = instance.client();
    await client.register('steady');
    await client.signIn('steady');
    await execute(
      "update users set last_login_at = now(), password_hash = password_hash || '' where username = 'steady'",
    );
    await client.data(me);
  });

  test('a change that is rolled back ends nothing', async () => {
    client = instance.client();
    await client.register('rolled');
    await client.signIn('rolled');
    const failing = instance.app.database.fork().transactional(async (tx) => {
      await tx.execute("update users set is_active = false where username = 'rolled'");
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await refusal(client)).toBeNull();
  });

  test('the other sessions of the user go on', async () => {
    const [here, there] = [instance.client(), instance.client()];
    await here.register('two');
    await here.signIn('two');
    await there.signIn('two');
    await here.data(logout);
    expect(await refusal(here)).toBe('REVOKED');
    expect(await refusal(there)).toBeNull();
  });

  test('the check costs no statement', async () => {
    client = instance.client();
    await client.register('cheap');
    await client.signIn('cheap');
    instance.takeStatements();
    for (let request = 0; request < 20; request++) await client.data('{ __typename }');
    expect(instance.takeStatements()).toEqual([]);
  });

  test('a refresh that races with a log-out leaves nothing alive', async () => {
    client = instance.client();
    await client.register('racer');
    for (let round = 0; round < 10; round++) {
      const { refreshToken } = await client.signIn('racer');
      const [refreshed] = await Promise.all([client.refresh(refreshToken), client.query(logout)]);
      const pair = refreshed.data?.refreshToken;
      if (pair === undefined) continue;
      expect((await client.refresh(pair.refreshToken)).errors[0]?.extensions.reason).toBe('REVOKED');
      client.token = pair.accessToken;
      expect(await refusal(client)).toBe('REVOKED');
    }
  });

  test('a refresh that races with a change of role never leaves the old role at work', async () => {
    client = instance.client();
    await client.register('climber');
    for (const role of ['ADMIN', 'USER', 'ADMIN', 'USER', 'ADMIN', 'USER']) {
      const { refreshToken } = await client.signIn('climber');
      const [refreshed] = await Promise.all([
        client.refresh(refreshToken),
        execute(`update users set role = '${role}' where username = 'climber'`),
      ]);
      client.token = refreshed.data?.refreshToken.accessToken ?? null;
      const claims = JSON.parse(Buffer.from(client.token?.split('.')[1] ?? '', 'base64url').toString());
      if (claims.role.toUpperCase() === role) continue;
      expect(await timeToRefusal(client)).toBeLessThan(1_000);
    }
  });
});

describe('two instances over one PostgreSQL', () => {
  let database: TestDatabase;
  let clock: FakeClock;
  let one: TestApp;
  let two: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    clock = new FakeClock();
    one = await createTestApp('postgres', { database, clock });
    two = await createTestApp('postgres', { database, clock });
    await one.client().register('alice');
  });
  afterAll(async () => {
    await one.stop();
    await two.stop();
    await database.drop();
  });

  /** Signs in on the first instance; the same caller on both. */
  async function onBoth(): Promise<[TestClient, TestClient]> {
    const [here, there] = [one.client(), two.client()];
    await here.signIn('alice');
    there.token = here.token;
    expect(await refusal(there)).toBeNull();
    return [here, there];
  }

  const cutChannel = () =>
    withPostgres(
      (client) =>
        client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern-listener' and datname = current_database()",
        ),
      database.url ?? '',
    );

  test('a log-out on one is known on the other within a second, in 100 trials', async () => {
    const times: number[] = [];
    for (let trial = 0; trial < 100; trial++) {
      const [here, there] = await onBoth();
      await here.data(logout);
      times.push(await timeToRefusal(there));
    }
    times.sort((a, b) => a - b);
    const figures = { median: times[50] ?? Number.NaN, worst: times[99] ?? Number.NaN };
    process.stdout.write(
      `log-out on one instance, refused on the other: median ${figures.median.toFixed(1)} ms, worst ${figures.worst.toFixed(1)} ms of 100\n`,
    );
    expect(figures.worst).toBeLessThan(1_000);
  });

  test('while the channel is cut the database is asked, and nothing ended is let in', async () => {
    const [here, there] = await onBoth();
    const survivor = await onBoth();
    await cutChannel();
    await here.data(logout);
    expect(await refusal(there)).toBe('REVOKED');
    expect(await refusal(survivor[1])).toBeNull();
  });

  test('after the channel is back the list holds what happened meanwhile, and no statement is needed', async () => {
    const [here, there] = await onBoth();
    await cutChannel();
    await here.data(logout);
    const quiet = async () => {
      two.takeStatements();
      await there.query('{ __typename }');
      return two.takeStatements().length === 0;
    };
    const deadline = performance.now() + 10_000;
    while (!(await quiet())) if (performance.now() > deadline) throw new Error('The channel does not come back.');
    expect(await refusal(there)).toBe('REVOKED');
  });

  test('an instance that starts later knows what ended before', async () => {
    const [here] = await onBoth();
    await here.data(logout);
    const late = await createTestApp('postgres', { database, clock });
    const there = late.client();
    there.token = here.token;
    late.takeStatements();
    expect(await refusal(there)).toBe('REVOKED');
    expect(late.takeStatements()).toEqual([]);
    await late.stop();
  });

  test('a token from before the lifetime was shortened is held against the database', async () => {
    const long = await createTestApp('postgres', { database, clock, env: { JWT_ACCESS_TOKEN_LIFETIME: '1h' } });
    const client = long.client();
    await client.signIn('alice');
    await client.data(logout);
    await long.app.database.fork().execute("update revocations set revoked_at = revoked_at - interval '10 minutes'");
    await long.stop();
    const short = await createTestApp('postgres', { database, clock });
    const later = short.client();
    later.token = client.token;
    expect(await refusal(later)).toBe('REVOKED');
    await short.stop();
  });

  test('a clock that is set ahead and back revives nothing', async () => {
    const [here] = await onBoth();
    await here.data(logout);
    clock.advance(600_000);
    const [other] = await onBoth();
    await other.data(logout);
    clock.advance(-600_000);
    expect(await refusal(here)).toBe('REVOKED');
  });

  test('a session that ended is forgotten only after its access tokens are dead', async () => {
    const [here, there] = await onBoth();
    await here.data(logout);
    await timeToRefusal(there);
    clock.advance(299_000);
    expect(await refusal(there)).toBe('REVOKED');
    clock.advance(1_000);
    expect(await refusal(there)).toBe('EXPIRED');
  });
});
