import { createTestApp, type TestApp } from '../support/app.js';
import { type Answer, type Pair, passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { mailed } from '../support/mailed.js';
import { appOfTest, codeOf, minute, pairFields, reasonOf } from './support.js';

const page = 'https://app.example.com';
const day = 24 * 60 * minute;

const signIn = `mutation ($username: String!, $password: String!, $cookie: Boolean) {
  obtainToken(input: { username: $username, password: $password, cookie: $cookie }) { ... on TokenPair { ${pairFields} } }
}`;
const refresh = `mutation ($token: String) { refreshToken(refreshToken: $token) { ${pairFields} } }`;
const me = '{ me { id } }';

type RefreshAnswer = Answer<{
  refreshToken: (Omit<Pair, 'refreshToken'> & { refreshToken: string | null }) | null;
} | null>;

const cookiesOf = ({ headers }: Answer<unknown>): readonly string[] => [headers['set-cookie'] ?? []].flat().map(String);
const cookieOf = (answer: Answer<unknown>): string => cookiesOf(answer)[0]?.split(';')[0] ?? 'none';
const tokenIn = (cookie: string): string => cookie.split('=')[1] ?? 'none';
const isCleared = (answer: Answer<unknown>): boolean =>
  cookiesOf(answer).length === 1 && /^postern_refresh=; Max-Age=0; Path=\/graphql;/.test(cookiesOf(answer)[0] ?? '');

describe.each(testDatabaseKinds)('the refresh cookie, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env: { CORS_ORIGINS: `https://other.example.com,${page}` } });
    for (const name of ['alice', 'bob']) await instance.client().register(name);
  });
  afterAll(() => instance.stop());

  /** Signs in as a page would, and returns the cookie that a browser would send from then on. */
  const obtain = async (client: TestClient, username = 'alice') => {
    const answer = await client.query<{ obtainToken: Pair }>(signIn, {
      username,
      password: passwordOf(username),
      cookie: true,
    });
    client.token = answer.data.obtainToken.accessToken;
    return { answer, cookie: cookieOf(answer), pair: answer.data.obtainToken };
  };
  const refreshWith = (headers: Record<string, string>, variables: object = {}): Promise<RefreshAnswer> => {
    const client = instance.client();
    client.headers = headers;
    return client.query(refresh, variables);
  };

  test('is set with every attribute that keeps it from scripts and other sites, and the answer holds no refresh token', async () => {
    const { answer, pair } = await obtain(instance.client());
    const expires = new Date(instance.clock.now() + day).toUTCString();
    expect(cookiesOf(answer)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^postern_refresh=[\\w-]+\\.[\\w-]+\\.[\\w-]+; Path=/graphql; Expires=${expires}; HttpOnly; SameSite=Strict$`,
        ),
      ),
    ]);
    expect(pair.refreshToken).toBeNull();
    expect(pair.refreshTokenExpiresAt).toBe(new Date(instance.clock.now() + day).toISOString());
  });

  test.each([[false], [null], [undefined]])('is not set when `cookie` is %s', async (cookie) => {
    const answer = await instance
      .client()
      .query<{ obtainToken: Pair }>(signIn, { username: 'alice', password: passwordOf('alice'), cookie });
    expect(cookiesOf(answer)).toEqual([]);
    expect(answer.data.obtainToken.refreshToken).toEqual(expect.any(String));
  });

  test('is not set by a sign-in that fails', async () => {
    const answer = await instance
      .client()
      .query(signIn, { username: 'alice', password: 'a wrong guess', cookie: true });
    expect(codeOf(answer)).toBe('INVALID_CREDENTIALS');
    expect(cookiesOf(answer)).toEqual([]);
  });

  test('renews the pair for a page of an allowed origin, and is replaced', async () => {
    const { cookie } = await obtain(instance.client());
    const answer = await refreshWith({ cookie, origin: page });
    expect(answer.errors).toEqual([]);
    expect(answer.data?.refreshToken?.refreshToken).toBeNull();
    expect(cookieOf(answer)).toMatch(/^postern_refresh=./);
    expect(cookieOf(answer)).not.toBe(cookie);
    const client = instance.client();
    client.token = answer.data?.refreshToken?.accessToken ?? null;
    expect(codeOf(await client.query(me))).toBe('OK');
    expect(codeOf(await refreshWith({ cookie: cookieOf(answer), origin: page }))).toBe('OK');
  });

  test.each([
    ['of the server itself', { host: 'api.example.com', origin: 'http://api.example.com' }],
    ['of the server itself on a port', { host: 'api.example.com:8443', origin: 'http://api.example.com:8443' }],
    [
      'of the server itself behind a proxy that ends TLS',
      { host: 'api.example.com', 'x-forwarded-proto': 'https', origin: 'https://api.example.com' },
    ],
    ['that is allowed as the second of a list', { origin: page }],
  ])('carries a request from an origin %s', async (_what, headers) => {
    const { cookie } = await obtain(instance.client());
    expect(codeOf(await refreshWith({ cookie, ...headers }))).toBe('OK');
  });

  test.each([
    ['no origin', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['a longer name', { origin: `${page}.evil.example` }],
    ['the same name under another scheme', { origin: 'http://app.example.com' }],
    ['the same name on another port', { origin: `${page}:8443` }],
    ['the own name under another scheme', { host: 'api.example.com', origin: 'https://api.example.com' }],
    ['two origins', { origin: `${page}, ${page}` }],
  ])('carries no request from %s: FORBIDDEN, and it stays good', async (_what, headers) => {
    const { cookie } = await obtain(instance.client());
    const answer = await refreshWith({ cookie, ...headers });
    expect(answer.errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN' }]);
    expect(answer.data).toBeNull();
    expect(cookiesOf(answer)).toEqual([]);
    expect(codeOf(await refreshWith({ cookie, origin: page }))).toBe('OK');
  });

  test('gives way to an argument, from whatever origin, and is then neither used nor touched', async () => {
    const { cookie } = await obtain(instance.client());
    const { refreshToken } = await instance.client().signIn('bob');
    const answer = await refreshWith({ cookie, origin: 'https://evil.example' }, { token: refreshToken });
    expect(answer.data?.refreshToken?.user.username).toBe('bob');
    expect(answer.data?.refreshToken?.refreshToken).toEqual(expect.any(String));
    expect(cookiesOf(answer)).toEqual([]);
    const broken = await refreshWith({ cookie, origin: page }, { token: '' });
    expect(reasonOf(broken)).toBe('MALFORMED');
    expect(cookiesOf(broken)).toEqual([]);
    expect(codeOf(await refreshWith({ cookie, origin: page }, { token: null }))).toBe('OK');
  });

  test.each([{}, { origin: page }, { cookie: 'other=1', origin: page }, { cookie: 'postern_refresh=', origin: page }])(
    'and argument both missing is MISSING: %j',
    async (headers) => {
      const answer = await refreshWith(headers);
      expect(answer.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason: 'MISSING' });
    },
  );

  test('is cleared once it is dead', async () => {
    const client = instance.client();
    const { cookie } = await obtain(client);
    await client.data('mutation { logout(all: true) { sessionsEnded } }', {});
    const answer = await refreshWith({ cookie, origin: page });
    expect(reasonOf(answer)).toBe('REVOKED');
    expect(isCleared(answer)).toBe(true);
    const garbage = await refreshWith({ cookie: 'postern_refresh=garbage', origin: page });
    expect(reasonOf(garbage)).toBe('MALFORMED');
    expect(isCleared(garbage)).toBe(true);
  });

  test('that held an access token is WRONG_TYPE', async () => {
    const { pair } = await obtain(instance.client());
    const answer = await refreshWith({ cookie: `postern_refresh=${pair.accessToken}`, origin: page });
    expect(reasonOf(answer)).toBe('WRONG_TYPE');
  });

  describe('at a log-out', () => {
    const logout = (client: TestClient, args = '') =>
      client.query<{ logout: { sessionsEnded: number } } | null>(`mutation { logout${args} { sessionsEnded } }`);

    test.each(['', '(all: true)'])('is cleared, and its session ends: logout%s', async (args) => {
      const client = instance.client();
      const { cookie } = await obtain(client);
      client.headers = { cookie, origin: page };
      const answer = await logout(client, args);
      expect(answer.errors).toEqual([]);
      expect(isCleared(answer)).toBe(true);
      expect(reasonOf(await refreshWith({ cookie, origin: page }))).toBe('REVOKED');
      expect(reasonOf(await client.query(me))).toBe('REVOKED');
    });

    test('of another session than the bearer ends both', async () => {
      const { cookie } = await obtain(instance.client(), 'bob');
      const client = instance.client();
      await client.signIn('bob');
      client.headers = { cookie, origin: page };
      expect((await logout(client)).data).toEqual({ logout: { sessionsEnded: 2 } });
      expect(reasonOf(await refreshWith({ cookie, origin: page }))).toBe('REVOKED');
    });

    test('from a foreign origin stops it: FORBIDDEN, and nothing ends', async () => {
      const client = instance.client();
      const { cookie } = await obtain(client);
      client.headers = { cookie, origin: 'https://evil.example' };
      const answer = await logout(client);
      expect(codeOf(answer)).toBe('FORBIDDEN');
      expect(cookiesOf(answer)).toEqual([]);
      expect(codeOf(await client.query(me))).toBe('OK');
    });

    test('alone does not do: the bearer is needed', async () => {
      const { cookie } = await obtain(instance.client());
      const client = instance.client();
      client.headers = { cookie, origin: page };
      expect(codeOf(await logout(client))).toBe('UNAUTHENTICATED');
      expect(codeOf(await refreshWith({ cookie, origin: page }))).toBe('OK');
    });

    test('with an argument is neither used nor touched', async () => {
      const { cookie } = await obtain(instance.client());
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      client.headers = { cookie };
      const answer = await logout(client, `(refreshToken: "${refreshToken}")`);
      expect(answer.data).toEqual({ logout: { sessionsEnded: 1 } });
      expect(cookiesOf(answer)).toEqual([]);
      expect(codeOf(await refreshWith({ cookie, origin: page }))).toBe('OK');
    });
  });

  test('signs no request in by itself', async () => {
    const { cookie } = await obtain(instance.client());
    const client = instance.client();
    client.headers = { cookie, origin: page };
    expect(reasonOf(await client.query(me))).toBe('MISSING');
    const { refreshToken } = await client.signIn('alice');
    client.token = null;
    expect(reasonOf(await client.query(me))).toBe('MISSING');
    expect(tokenIn(cookie)).not.toBe(refreshToken);
  });

  test('50 parallel refreshes by one cookie set one and the same successor', async () => {
    const { cookie } = await obtain(instance.client());
    const answers = await Promise.all(Array.from({ length: 50 }, () => refreshWith({ cookie, origin: page })));
    expect(new Set(answers.map(cookieOf)).size).toBe(1);
    expect(answers.map(codeOf)).toEqual(Array(50).fill('OK'));
  });
});

describe('the refresh cookie under other settings', () => {
  test('is Secure in production', async () => {
    const instance = await appOfTest('postgres', { env: { ...mailed, NODE_ENV: 'production' } });
    const client = instance.client();
    await client.register('alice');
    const answer = await client.query(signIn, { username: 'alice', password: passwordOf('alice'), cookie: true });
    expect(cookiesOf(answer)[0]).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });

  test("counts PUBLIC_URL's origin as the server's own", async () => {
    const instance = await appOfTest('pglite', { env: { PUBLIC_URL: 'https://blog.example.com/start' } });
    const client = instance.client();
    await client.register('alice');
    const answer = await client.query(signIn, { username: 'alice', password: passwordOf('alice'), cookie: true });
    client.headers = { cookie: cookieOf(answer), origin: 'https://blog.example.com' };
    expect(codeOf(await client.query(refresh))).toBe('OK');
  });

  test('without rotation comes back as it was', async () => {
    const instance = await appOfTest('pglite', { env: { JWT_ROTATE_REFRESH_TOKENS: 'false', CORS_ORIGINS: page } });
    const client = instance.client();
    await client.register('alice');
    const answer = await client.query(signIn, { username: 'alice', password: passwordOf('alice'), cookie: true });
    client.headers = { cookie: cookieOf(answer), origin: page };
    const refreshed = await client.query<{ refreshToken: Pair }>(refresh);
    expect(cookieOf(refreshed)).toBe(cookieOf(answer));
    expect(refreshed.data.refreshToken.refreshToken).toBeNull();
  });
});
