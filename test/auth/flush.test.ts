import type { FlushReport } from '../../src/modules/auth/maintenance/flush.service.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase, testDatabaseKinds } from '../support/databases.js';
import { execute, minute, reasonOf } from './support.js';

/** For so long after its expiry a session may have access tokens out: their lifetime and a minute. */
const retention = 6 * minute;

const flush = ({ app }: TestApp, signal?: AbortSignal): Promise<FlushReport> =>
  app.services.flush.flush(app.database.fork(), signal);

async function count(instance: TestApp, table: string): Promise<number> {
  const [row] = await execute<{ count: number }>(instance, `select count(*)::int as count from ${table}`);
  return row?.count ?? 0;
}

/** Adds so many sessions of alice, each with one refresh token, that expire so many milliseconds from now. */
async function addSessions(instance: TestApp, number: number, expiresIn: number): Promise<void> {
  const expiresAt = new Date(instance.clock.now() + expiresIn).toISOString();
  await execute(
    instance,
    `with added as (
      insert into sessions (id, user_id, created_at, last_used_at, expires_at)
      select gen_random_uuid(), users.id, '${expiresAt}', '${expiresAt}', '${expiresAt}'
      from users, generate_series(1, ${number}) where username = 'alice'
      returning id, user_id, created_at, expires_at)
    insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
    select gen_random_uuid(), id, user_id, created_at, expires_at from added`,
  );
}

const nothing = { sessions: 0, refreshTokens: 0, securityEvents: 0, other: 0 };

describe.each(testDatabaseKinds)('the flush of what has expired, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());
  afterEach(async () => {
    await execute(instance, 'truncate sessions, refresh_tokens, revocations, sign_in_attempts, known_networks, outbox');
  });

  test('goes in batches of five hundred, tokens of each state before their sessions', async () => {
    await addSessions(instance, 1_250, -retention);
    instance.takeStatements();
    expect(await flush(instance)).toEqual({ ...nothing, sessions: 1_250, refreshTokens: 1_250 });
    const deletes = instance.takeStatements().flatMap((text) => /delete from "(\w+)"/.exec(text)?.[1] ?? []);
    expect(deletes.slice(0, 8)).toEqual([...Array(5).fill('refresh_tokens'), ...Array(3).fill('sessions')]);
    expect(await flush(instance)).toEqual(nothing);
  });

  test('leaves what has not expired, to the millisecond', async () => {
    await addSessions(instance, 1, -retention + 1);
    await addSessions(instance, 1, 1);
    expect(await flush(instance)).toEqual({ ...nothing, refreshTokens: 1 });
    expect([await count(instance, 'sessions'), await count(instance, 'refresh_tokens')]).toEqual([2, 1]);
    instance.clock.advance(1);
    expect(await flush(instance)).toEqual({ ...nothing, sessions: 1, refreshTokens: 1 });
  });

  test('leaves whoever is signed in alone', async () => {
    const client = instance.client();
    const pair = await client.signIn('alice');
    await addSessions(instance, 5, -retention);
    await flush(instance);
    await client.data('{ me { id } }');
    expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('OK');
  });

  test('takes what the outbox gave up thirty days ago, and nothing that is still to be done', async () => {
    const now = new Date(instance.clock.now()).toISOString();
    await execute(
      instance,
      `insert into outbox (id, kind, payload, created_at, next_attempt_at, failed_at, last_error)
        select gen_random_uuid(), 'MAIL', '', '2026-01-01', '2026-01-01', timestamptz '${now}' - age, name
        from (values ('old', interval '30 days'), ('recent', interval '30 days' - interval '1 ms'), ('waiting', null))
        as items (name, age)`,
    );
    expect(await flush(instance)).toEqual({ ...nothing, other: 1 });
    const left = await execute(instance, 'select last_error as name from outbox order by name');
    expect(left).toEqual([{ name: 'recent' }, { name: 'waiting' }]);
  });

  test('takes counted attempts, networks and revocations of old too', async () => {
    const now = new Date(instance.clock.now()).toISOString();
    await execute(
      instance,
      `insert into sign_in_attempts values ('over', 1, '${now}'), ('counting', 1, timestamptz '${now}' + interval '1 ms')`,
    );
    await execute(
      instance,
      `insert into known_networks select id, network, timestamptz '${now}' - age from users,
        (values ('old', interval '400 days'), ('recent', interval '399 days')) as networks (network, age)`,
    );
    await execute(
      instance,
      `insert into revocations (session_id, revoked_at) select gen_random_uuid(), now() - age
        from unnest(array[interval '13 minutes', interval '11 minutes']) as age`,
    );
    expect(await flush(instance)).toEqual({ ...nothing, other: 3 });
    expect(await execute(instance, 'select key from sign_in_attempts')).toEqual([{ key: 'counting' }]);
    expect(await execute(instance, 'select network from known_networks')).toEqual([{ network: 'recent' }]);
    expect(await count(instance, 'revocations')).toBe(1);
  });

  test('announces nothing, while a deletion by hand does', async () => {
    await addSessions(instance, 3, -retention);
    await flush(instance);
    expect(await count(instance, 'revocations')).toBe(0);
    await addSessions(instance, 3, -retention);
    await execute(instance, 'delete from sessions');
    expect(await count(instance, 'revocations')).toBe(3);
  });

  test('stops between two batches when it is told to', async () => {
    await addSessions(instance, 3, -retention);
    expect(await flush(instance, AbortSignal.abort())).toEqual(nothing);
    expect(await count(instance, 'sessions')).toBe(3);
  });

  test('stands in the way of nobody who signs in meanwhile', async () => {
    await addSessions(instance, 3_000, -retention);
    const clients = Array.from({ length: 6 }, (_, index) => instance.client(`198.51.100.${index}`));
    const [report, ...pairs] = await Promise.all([
      flush(instance),
      ...clients.map(async (client) => client.refresh((await client.signIn('alice')).refreshToken)),
    ]);
    expect(report).toMatchObject({ sessions: 3_000, refreshTokens: 3_000 });
    expect(pairs.map(reasonOf)).toEqual(clients.map(() => 'OK'));
    expect(await count(instance, 'sessions')).toBe(clients.length);
  });
});

describe('the flush on several instances', () => {
  let database: TestDatabase;
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    here = await createTestApp('postgres', { database });
    there = await createTestApp('postgres', { database, clock: here.clock });
    await here.client().register('alice');
  });
  afterAll(async () => {
    await Promise.all([here.stop(), there.stop()]);
    await database.drop();
  });

  test('at once takes each row once, and none fails', async () => {
    await addSessions(here, 5_000, -retention);
    const reports = await Promise.all([flush(here), flush(there), flush(here), flush(there)]);
    // Who finds another at work leaves the rest to that one, or to the next time.
    const rest = await flush(here);
    const sessions = [...reports, rest].reduce((sum, report) => sum + report.sessions, 0);
    expect(sessions).toBe(5_000);
    expect(await count(here, 'sessions')).toBe(0);
  });

  test('happens by itself at regular intervals', async () => {
    await addSessions(here, 3, -retention);
    const regular = await createTestApp('postgres', { database, clock: here.clock, env: { FLUSH_INTERVAL: '1s' } });
    const deadline = performance.now() + 10_000;
    while ((await count(here, 'sessions')) > 0) {
      if (performance.now() > deadline) throw new Error('Nothing was flushed within ten seconds.');
    }
    await regular.stop();
  });
});
