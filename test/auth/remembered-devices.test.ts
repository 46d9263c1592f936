import { createTestApp, type TestApp } from '../support/app.js';
import { type Answer, passwordOf, type TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { challengeOf, switchOnTotp, totpCode } from './second-factors/support.js';
import { appOfTest, codeOf, execute, minute } from './support.js';

const day = 24 * 60 * minute;

const obtain = `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) {
  __typename ... on TokenPair { accessToken refreshToken deviceToken } } }`;
const complete = `mutation ($input: CompleteSecondFactorInput!) {
  completeSecondFactor(input: $input) { accessToken refreshToken deviceToken } }`;
const list = '{ rememberedDevices { id createdAt lastUsedAt expiresAt ipAddress userAgent } }';
const forget = 'mutation ($id: ID!) { forgetDevice(id: $id) { id } }';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly deviceToken: string | null;
}

interface Device {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly ipAddress: string | null;
}

describe.each(ordinaryDatabaseKinds)('remembered devices, on %s', (kind) => {
  let instance: TestApp;
  let username: string;
  let client: TestClient;
  let secret: string;
  let users = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env: { JWT_ACCESS_TOKEN_LIFETIME: '1h' } });
  });
  afterAll(() => instance.stop());
  beforeEach(async () => {
    username = `user${++users}`;
    client = instance.client();
    await client.register(username);
    await client.signIn(username);
    ({ secret } = await switchOnTotp(instance, client));
  });

  /** Signs in with both factors, and asks to be remembered. */
  const remember = async (
    by = instance.client(),
    more: object = {},
  ): Promise<Answer<{ completeSecondFactor: Tokens }>> => {
    instance.clock.advance(minute);
    const { challengeToken } = await challengeOf(by, username, more);
    const input = { challengeToken, method: 'TOTP', code: totpCode(instance, secret), rememberDevice: true };
    return by.query(complete, { input });
  };
  const deviceToken = async () => String((await remember()).data.completeSecondFactor.deviceToken);
  const obtainBy = (by: TestClient, more: object) =>
    by.query<{ obtainToken: { __typename: string } & Partial<Tokens> } | null>(obtain, {
      input: { username, password: passwordOf(username), ...more },
    });
  const outcomeOf = async (more: object, by = instance.client()) => {
    const answer = await obtainBy(by, more);
    return answer.data?.obtainToken.__typename ?? codeOf(answer);
  };
  const devices = async () => (await client.data<{ rememberedDevices: Device[] }>(list)).rememberedDevices;

  test('sign in without the second factor, but never without the password', async () => {
    const token = await deviceToken();
    expect(token).toMatch(/^[\w-]{43}$/);
    const { data } = await obtainBy(instance.client(), { deviceToken: token });
    expect(data?.obtainToken.__typename).toBe('TokenPair');
    const claims = JSON.parse(
      Buffer.from(String(data?.obtainToken.accessToken).split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(claims.amr).toEqual(['pwd']);
    expect(await outcomeOf({ deviceToken: token, password: 'a wrong guess' })).toBe('INVALID_CREDENTIALS');
  });

  test('are remembered only where that was asked for', async () => {
    instance.clock.advance(minute);
    const { challengeToken } = await challengeOf(instance.client(), username);
    const input = { challengeToken, method: 'TOTP', code: totpCode(instance, secret) };
    const { completeSecondFactor } = await client.data<{ completeSecondFactor: Tokens }>(complete, { input });
    expect(completeSecondFactor.deviceToken).toBeNull();
    expect(await devices()).toEqual([]);
  });

  test('are remembered for thirty days, which their use does not move', async () => {
    const token = await deviceToken();
    const since = instance.clock.now();
    instance.clock.advance(minute);
    expect(await outcomeOf({ deviceToken: token }, instance.client('198.51.100.9'))).toBe('TokenPair');
    expect(await devices()).toMatchObject([
      {
        createdAt: new Date(since).toISOString(),
        lastUsedAt: new Date(since + minute).toISOString(),
        expiresAt: new Date(since + 30 * day).toISOString(),
        ipAddress: '198.51.100.9',
      },
    ]);
    instance.clock.advance(30 * day - minute - 1);
    expect(await outcomeOf({ deviceToken: token })).toBe('TokenPair');
    instance.clock.advance(1);
    expect(await outcomeOf({ deviceToken: token })).toBe('SecondFactorChallenge');
  });

  test.each([
    ['nothing', ''],
    ['what is no token', 'abc'],
    ['a token of nobody', 'A'.repeat(43)],
    ['what no database can keep', '\0'.repeat(43)],
  ])('%s stands for no device', async (_, token) => {
    expect(await outcomeOf({ deviceToken: token })).toBe('SecondFactorChallenge');
  });

  test('are those of one user', async () => {
    const token = await deviceToken();
    const id = String((await devices())[0]?.id);
    const other = instance.client();
    await other.register(`other-of-${username}`);
    await other.signIn(`other-of-${username}`);
    expect(await other.data(list)).toEqual({ rememberedDevices: [] });
    expect(codeOf(await other.query(forget, { id }))).toBe('NOT_FOUND');
    await switchOnTotp(instance, other);
    username = `other-of-${username}`;
    expect(await outcomeOf({ deviceToken: token })).toBe('SecondFactorChallenge');
  });

  test('can be forgotten, once', async () => {
    const token = await deviceToken();
    await deviceToken();
    const [newer, older, ...others] = await devices();
    expect(others).toEqual([]);
    expect(await client.data(forget, { id: older?.id })).toEqual({ forgetDevice: { id: older?.id } });
    expect((await devices()).map(({ id }) => id)).toEqual([newer?.id]);
    expect(await outcomeOf({ deviceToken: token })).toBe('SecondFactorChallenge');
    for (const id of [older?.id, '1', '00000000-0000-7000-8000-000000000000']) {
      expect(codeOf(await client.query(forget, { id }))).toBe('NOT_FOUND');
    }
    const events = await execute<{ type: string }>(
      instance,
      `select type from security_events e join users u on u.id = e.user_id
        where username = '${username}' and type like 'device%' order by type`,
    );
    expect(events.map(({ type }) => type)).toEqual(['device_forgotten', 'device_remembered', 'device_remembered']);
  });

  test('in a browser are known by a cookie that script cannot read', async () => {
    const browser = instance.client();
    browser.headers = { host: 'postern.example', origin: 'http://postern.example' };
    const { data, headers } = await remember(browser, { cookie: true });
    expect(data.completeSecondFactor).toMatchObject({ refreshToken: null, deviceToken: null });
    const cookies = [headers['set-cookie'] ?? []].flat().map(String);
    const cookie = cookies.find((one) => one.startsWith('postern_device='));
    expect(cookie).toMatch(/^postern_device=[\w-]{43}; Path=\/graphql; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    browser.headers['cookie'] = String(cookie).split(';', 1)[0] ?? '';
    expect(await outcomeOf({ cookie: true }, browser)).toBe('TokenPair');
    // A page of another site may send it, and gains nothing.
    browser.headers['origin'] = 'https://evil.example';
    expect(await outcomeOf({ cookie: true }, browser)).toBe('SecondFactorChallenge');
  });

  test('are kept under a keyed hash only', async () => {
    const token = await deviceToken();
    const rows = await execute<{ hash: string }>(
      instance,
      "select encode(token_hash, 'escape') || ' ' || encode(token_hash, 'hex') as hash from remembered_devices",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { hash } of rows) {
      expect(hash).not.toContain(token);
      expect(hash).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    }
  });

  test('are flushed with their time, as are programs that were not used for 400 days', async () => {
    await deviceToken();
    const flush = () => instance.app.services.flush.flush(instance.app.database.fork());
    instance.clock.advance(30 * day - 1);
    await flush();
    const remaining = () => execute(instance, 'select 1 from remembered_devices');
    expect((await remaining()).length).toBeGreaterThan(0);
    instance.clock.advance(1);
    await flush();
    expect(await remaining()).toEqual([]);
    expect((await execute(instance, 'select 1 from known_agents')).length).toBeGreaterThan(0);
    instance.clock.advance(400 * day);
    await flush();
    expect(await execute(instance, 'select 1 from known_agents')).toEqual([]);
  });
});

test('REMEMBERED_DEVICE_LIFETIME=0s remembers none', async () => {
  const instance = await appOfTest('pglite', { env: { REMEMBERED_DEVICE_LIFETIME: '0s' } });
  const client = instance.client();
  await client.register('alice');
  await client.signIn('alice');
  const { secret } = await switchOnTotp(instance, client);
  const { challengeToken } = await challengeOf(instance.client(), 'alice');
  const input = { challengeToken, method: 'TOTP', code: totpCode(instance, secret), rememberDevice: true };
  const { completeSecondFactor } = await client.data<{ completeSecondFactor: Tokens }>(complete, { input });
  expect(completeSecondFactor.deviceToken).toBeNull();
  expect(await execute(instance, 'select 1 from remembered_devices')).toEqual([]);
});
