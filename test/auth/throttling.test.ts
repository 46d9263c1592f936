import { noMetrics } from '../../src/common/metrics.js';
import { AttemptLimiter } from '../../src/modules/auth/sign-in/attempt-limiter.js';
import { createTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { createDataDir, createTestDatabase, databaseSettings, testDatabaseKinds } from '../support/databases.js';
import { appOfTest, attempt, codeOf, execute, minute, type SignInAnswer, second } from './support.js';

const guess = 'a wrong guess';

/** Guesses one after the other, and says what came of each. */
async function guesses(client: TestClient, username: string, times: number): Promise<string[]> {
  const codes = [];
  for (let done = 0; done < times; done += 1) codes.push(codeOf(await attempt(client, username, guess)));
  return codes;
}

const failed = (times: number): string[] => Array<string>(times).fill('INVALID_CREDENTIALS');
const limitOf = (answer: SignInAnswer) => answer.errors[0]?.extensions;

describe.each(testDatabaseKinds)('sign-in under the default limits, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  test('ten failures of an account from an address are enough: then even the right password has to wait', async () => {
    const client = instance.client('198.51.100.1');
    await client.register('alice');
    expect(await guesses(client, 'alice', 10)).toEqual(failed(10));
    instance.clock.advance(minute);
    expect(limitOf(await attempt(client, 'alice', guess))).toEqual({ code: 'RATE_LIMITED', retryAfter: 240 });
    expect(limitOf(await attempt(client, 'alice', passwordOf('alice')))).toEqual({
      code: 'RATE_LIMITED',
      retryAfter: 240,
    });
    expect(codeOf(await attempt(instance.client('198.51.100.2'), 'alice', passwordOf('alice')))).toBe('OK');

    instance.clock.advance(4 * minute - 1);
    expect(limitOf(await attempt(client, 'alice', guess))).toEqual({ code: 'RATE_LIMITED', retryAfter: 1 });
    instance.clock.advance(1);
    expect(await guesses(client, 'alice', 9)).toEqual(failed(9));
    expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('OK');
  });

  test('a refused attempt costs no hash and prolongs nothing', async () => {
    const client = instance.client('198.51.100.3');
    await client.register('bella');
    await guesses(client, 'bella', 10);
    const before = await execute(instance, 'select * from sign_in_attempts order by key');
    expect(await guesses(client, 'bella', 5)).toEqual(Array(5).fill('RATE_LIMITED'));
    expect(await execute(instance, 'select * from sign_in_attempts order by key')).toEqual(before);
  });

  test('of 30 parallel wrong attempts ten reach the hash at most', async () => {
    const client = instance.client('198.51.100.4');
    await client.register('carol');
    const codes = (await Promise.all(Array.from({ length: 30 }, () => attempt(client, 'carol', guess)))).map(codeOf);
    const checked = codes.filter((code) => code === 'INVALID_CREDENTIALS').length;
    expect(checked).toBeGreaterThan(0);
    expect(checked).toBeLessThanOrEqual(10);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(30 - checked);
    expect(await guesses(client, 'carol', 10 - checked)).toEqual(failed(10 - checked));
    expect(codeOf(await attempt(client, 'carol', guess))).toBe('RATE_LIMITED');
  });

  test('of 30 attempts that are counted at the same instant ten are admitted at most', async () => {
    const limiter = new AttemptLimiter(instance.config.signIn.limits, Buffer.alloc(32), noMetrics, instance.clock);
    const sender = { account: 'somebody', userId: null, network: '198.51.100.99' };
    const counts = await Promise.allSettled(
      Array.from({ length: 30 }, () => limiter.count(instance.app.database.fork(), sender)),
    );
    const admitted = counts.filter(({ status }) => status === 'fulfilled').length;
    expect(admitted).toBeGreaterThan(0);
    expect(admitted).toBeLessThanOrEqual(10);
  });

  test('aliases are no way around it: an operation with two sign-ins is refused, and looks at no password', async () => {
    const client = instance.client('198.51.100.5');
    await client.register('dora');
    const aliases = Array.from({ length: 12 }, (_, index) => `a${index}: obtainToken(input: $input) { __typename }`);
    const input = { username: 'dora', password: guess };
    const { errors } = await client.query(`mutation ($input: ObtainTokenInput!) { ${aliases.join(' ')} }`, { input });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(await guesses(client, 'dora', 11)).toEqual([...failed(10), 'RATE_LIMITED']);
  });

  test('right passwords never count', async () => {
    const client = instance.client('198.51.100.6');
    await client.register('emma');
    await guesses(client, 'emma', 9);
    for (let times = 0; times < 12; times += 1) await client.signIn('emma');
    expect(await guesses(client, 'emma', 2)).toEqual([...failed(1), 'RATE_LIMITED']);
  });

  test('right passwords do not count while they are being checked either', async () => {
    const client = instance.client('198.51.100.10');
    await client.register('gina');
    const answers = Array.from({ length: 30 }, () => attempt(client, 'gina', passwordOf('gina')));
    expect((await Promise.all(answers)).map(codeOf)).toEqual(Array(30).fill('OK'));
  });

  test('a limit that a name has reached does not tell whose address is whose', async () => {
    const client = instance.client('198.51.100.7');
    await client.register('fred');
    for (const name of ['fred', 'FRED', 'Fred', 'fRED', 'frED'])
      expect(await guesses(client, name, 2)).toEqual(failed(2));
    expect(await guesses(client, 'fred', 1)).toEqual(['RATE_LIMITED']);
    expect(await guesses(client, 'fred@example.com', 1)).toEqual(failed(1));
    expect(await guesses(client, 'george@example.com', 1)).toEqual(failed(1));
  });

  test('an unknown name is throttled like a known one', async () => {
    const client = instance.client('198.51.100.8');
    for (const name of ['nobody', 'NOBODY', 'Nobody', 'nobodY', 'nObody']) {
      expect(await guesses(client, name, 2)).toEqual(failed(2));
    }
    instance.clock.advance(30 * second);
    expect(limitOf(await attempt(client, 'nobody', guess))).toEqual({ code: 'RATE_LIMITED', retryAfter: 270 });
    expect(await guesses(client, 'somebody', 1)).toEqual(failed(1));
  });

  test('what was typed is stored nowhere', async () => {
    await guesses(instance.client('198.51.100.9'), 'my password by mistake', 1);
    const rows = await execute(instance, 'select * from sign_in_attempts');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/mistake|198\.51/);
  });
});

describe.each(testDatabaseKinds)('sign-in under small limits, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, {
      env: { SIGN_IN_LIMIT_PAIR: '3/5m', SIGN_IN_LIMIT_ADDRESS: '5/2m', SIGN_IN_LIMIT_ACCOUNT: '6/1h' },
    });
  });
  afterAll(() => instance.stop());

  test('an address has a limit over all accounts, and other addresses do not feel it', async () => {
    const client = instance.client('203.0.113.1');
    await client.register('anna');
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect(await guesses(client, name, 1)).toEqual(failed(1));
    expect(limitOf(await attempt(client, 'anna', passwordOf('anna')))).toEqual({
      code: 'RATE_LIMITED',
      retryAfter: 120,
    });
    expect(codeOf(await attempt(instance.client('203.0.113.2'), 'anna', passwordOf('anna')))).toBe('OK');
    instance.clock.advance(2 * minute);
    expect(codeOf(await attempt(client, 'anna', passwordOf('anna')))).toBe('OK');
  });

  test('an account has a limit over all strange addresses, while its owner gets in from a known one', async () => {
    const home = instance.client('203.0.113.10');
    await home.register('bert');
    await home.signIn('bert');
    for (const last of [11, 12, 13]) await guesses(instance.client(`203.0.113.${last}`), 'bert', 2);
    const stranger = instance.client('203.0.113.14');
    expect(limitOf(await attempt(stranger, 'bert', passwordOf('bert')))).toEqual({
      code: 'RATE_LIMITED',
      retryAfter: 3600,
    });
    expect(await guesses(home, 'bert', 2)).toEqual(failed(2));
    expect(codeOf(await attempt(home, 'bert', passwordOf('bert')))).toBe('OK');
    instance.clock.advance(60 * minute);
    expect(codeOf(await attempt(stranger, 'bert', passwordOf('bert')))).toBe('OK');
  });

  test("the owner's own slips at a known address do not add to what strangers did", async () => {
    const home = instance.client('203.0.113.20');
    await home.register('cora');
    await home.signIn('cora');
    expect(await guesses(home, 'cora', 3)).toEqual(failed(3));
    for (const last of [21, 22, 23]) {
      expect(await guesses(instance.client(`203.0.113.${last}`), 'cora', 2)).toEqual(failed(2));
    }
    expect(await guesses(instance.client('203.0.113.24'), 'cora', 1)).toEqual(['RATE_LIMITED']);
  });

  test('an IPv6 network of /64 is one sender', async () => {
    await instance.client().register('dana');
    for (const host of ['::1', ':ffff::2', ':1:2:3:4']) {
      expect(await guesses(instance.client(`2001:db8:0:7${host}`), 'dana', 1)).toEqual(failed(1));
    }
    expect(await guesses(instance.client('2001:db8:0:7:9::9'), 'dana', 1)).toEqual(['RATE_LIMITED']);
    expect(await guesses(instance.client('2001:db8:0:8::1'), 'dana', 1)).toEqual(failed(1));
  });

  test('an IPv4 address written as IPv6 is the same sender', async () => {
    await instance.client().register('egon');
    expect(await guesses(instance.client('203.0.113.40'), 'egon', 2)).toEqual(failed(2));
    expect(await guesses(instance.client('::ffff:203.0.113.40'), 'egon', 2)).toEqual([...failed(1), 'RATE_LIMITED']);
  });
});

describe('the counts are kept in the database', () => {
  test('a second instance goes on where the first was', async () => {
    const first = await appOfTest('postgres');
    const second = await appOfTest('postgres', { database: first.database, clock: first.clock });
    await first.client().register('alice');
    expect(await guesses(first.client(), 'alice', 6)).toEqual(failed(6));
    expect(await guesses(second.client(), 'alice', 5)).toEqual([...failed(4), 'RATE_LIMITED']);
    expect(await guesses(first.client(), 'alice', 1)).toEqual(['RATE_LIMITED']);
  });

  test('parallel attempts on two instances outrun the limit no more than on one', async () => {
    const first = await appOfTest('postgres');
    const second = await appOfTest('postgres', { database: first.database, clock: first.clock });
    await first.client().register('alice');
    const codes = await Promise.all(
      Array.from({ length: 30 }, async (_, index) =>
        codeOf(await attempt((index % 2 === 0 ? first : second).client(), 'alice', guess)),
      ),
    );
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS').length).toBeLessThanOrEqual(10);
  });

  test.each(testDatabaseKinds)('a restart forgets nothing, on %s', async (kind) => {
    const dataDir = await createDataDir({ migrated: kind === 'pglite' });
    const database =
      kind === 'postgres'
        ? await createTestDatabase(kind)
        : { kind, settings: databaseSettings({}), overrides: {}, url: null, drop: () => Promise.resolve() };
    const options: TestAppOptions = { database, env: { DATA_DIR: dataDir.path } };
    const before = await createTestApp(kind, options);
    await before.client().register('alice');
    await guesses(before.client(), 'alice', 10);
    await before.stop();
    const after = await createTestApp(kind, { ...options, clock: before.clock });
    expect(codeOf(await attempt(after.client(), 'alice', passwordOf('alice')))).toBe('RATE_LIMITED');
    await after.stop();
    await database.drop();
    await dataDir.remove();
  });
});
