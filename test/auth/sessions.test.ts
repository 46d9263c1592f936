import jwt from 'jsonwebtoken';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Answer, Pair, TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { appOfTest, execute, minute, reasonOf, second } from './support.js';

interface SessionAnswer {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly current: boolean;
}

const sessionFields = 'id createdAt lastUsedAt expiresAt ipAddress userAgent current';
const day = 24 * 60 * minute;

const sessionsOf = async (client: TestClient): Promise<readonly SessionAnswer[]> =>
  (await client.data<{ sessions: SessionAnswer[] }>(`{ sessions { ${sessionFields} } }`)).sessions;
const currentOf = async (client: TestClient): Promise<string> =>
  (await sessionsOf(client)).find(({ current }) => current)?.id ?? 'none';
const me = (client: TestClient): Promise<Answer<unknown>> => client.query('{ me { id } }');
const revokeSession = (client: TestClient, id: string): Promise<Answer<unknown>> =>
  client.query(`mutation ($id: ID!) { revokeSession(id: $id) { ${sessionFields} } }`, { id });
const logout = (client: TestClient, args = ''): Promise<Answer<{ logout: { sessionsEnded: number } } | null>> =>
  client.query(`mutation { logout${args} { sessionsEnded } }`);
const revokeToken = async (client: TestClient, token: string): Promise<unknown> =>
  client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token });
const verifyToken = (client: TestClient, token: string): Promise<Answer<{ verifyToken: object } | null>> =>
  client.query(
    'mutation ($token: String!) { verifyToken(token: $token) { tokenType jti userId sessionId issuedAt expiresAt } }',
    { token },
  );

const revoked = { revokeToken: true };

describe.each(testDatabaseKinds)('sessions, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    for (const name of ['alice', 'bob', 'carol']) await instance.client().register(name);
  });
  afterAll(() => instance.stop());

  /** A client that has just signed in, and its tokens. */
  const signedIn = async (name: string, address?: string): Promise<{ client: TestClient; pair: Pair }> => {
    const client = instance.client(address);
    return { client, pair: await client.signIn(name) };
  };

  test('sessions are listed newest first, with device and address, and the current one is marked', async () => {
    const older = await signedIn('carol', '203.0.113.5');
    const start = instance.clock.now();
    instance.clock.advance(minute);
    const newer = instance.client('2001:db8::9');
    newer.headers = { 'user-agent': 'another browser/1.0' };
    await newer.signIn('carol');

    const list = await sessionsOf(newer);
    expect(list).toEqual([
      {
        id: expect.any(String),
        createdAt: new Date(start + minute).toISOString(),
        lastUsedAt: new Date(start + minute).toISOString(),
        expiresAt: new Date(start + minute + day).toISOString(),
        ipAddress: '2001:db8::9',
        userAgent: 'another browser/1.0',
        current: true,
      },
      {
        id: expect.any(String),
        createdAt: new Date(start).toISOString(),
        lastUsedAt: new Date(start).toISOString(),
        expiresAt: new Date(start + day).toISOString(),
        ipAddress: '203.0.113.5',
        userAgent: 'test client',
        current: false,
      },
    ]);
    expect((await sessionsOf(older.client)).map(({ current }) => current)).toEqual([false, true]);
  });

  test('a refresh moves the session to its new address, device and time', async () => {
    const { pair } = await signedIn('bob');
    instance.clock.advance(minute);
    const elsewhere = instance.client('203.0.113.77');
    elsewhere.headers = { 'user-agent': 'a phone' };
    const { data } = await elsewhere.refresh(pair.refreshToken);
    elsewhere.token = data?.refreshToken.accessToken ?? null;
    expect((await sessionsOf(elsewhere))[0]).toMatchObject({
      lastUsedAt: new Date(instance.clock.now()).toISOString(),
      createdAt: new Date(instance.clock.now() - minute).toISOString(),
      expiresAt: new Date(instance.clock.now() + day).toISOString(),
      ipAddress: '203.0.113.77',
      userAgent: 'a phone',
      current: true,
    });
  });

  test('an expired session is not listed and not there to be revoked', async () => {
    const old = await signedIn('alice');
    const id = await currentOf(old.client);
    instance.clock.advance(day);
    const { client } = await signedIn('alice');
    expect((await sessionsOf(client)).map((session) => session.id)).not.toContain(id);
    expect(reasonOf(await revokeSession(client, id))).toBe('NOT_FOUND');
  });

  test('revoking a session ends its tokens and answers with what it was', async () => {
    const here = await signedIn('alice');
    const there = await signedIn('alice');
    const id = await currentOf(there.client);
    expect((await revokeSession(here.client, id.toUpperCase())).data).toEqual({
      revokeSession: expect.objectContaining({ id, current: false }),
    });
    expect(reasonOf(await me(there.client))).toBe('REVOKED');
    expect(reasonOf(await there.client.refresh(there.pair.refreshToken))).toBe('REVOKED');
    expect((await sessionsOf(here.client)).map((session) => session.id)).not.toContain(id);
    expect(reasonOf(await revokeSession(here.client, id))).toBe('NOT_FOUND');
  });

  test('the current session may be revoked too', async () => {
    const { client } = await signedIn('alice');
    const { data } = await revokeSession(client, await currentOf(client));
    expect(data).toEqual({ revokeSession: expect.objectContaining({ current: true }) });
    expect(reasonOf(await me(client))).toBe('REVOKED');
  });

  test("somebody else's session and what is none are NOT_FOUND, and nothing ends", async () => {
    const bob = await signedIn('bob');
    const alice = await signedIn('alice');
    const ids = [await currentOf(bob.client), '00000000-0000-7000-8000-000000000000', '1', '', "' or 1=1", 'a\0b'];
    for (const id of ids) expect(reasonOf(await revokeSession(alice.client, id))).toBe('NOT_FOUND');
    expect(reasonOf(await me(bob.client))).toBe('OK');
  });

  test('of ten parallel revocations of one session one succeeds', async () => {
    const here = await signedIn('alice');
    const id = await currentOf((await signedIn('alice')).client);
    const answers = await Promise.all(Array.from({ length: 10 }, () => revokeSession(here.client, id)));
    expect(answers.map(reasonOf).sort()).toEqual([...Array(9).fill('NOT_FOUND'), 'OK']);
  });

  describe('logout', () => {
    test('without arguments ends the current session and no other', async () => {
      const [here, there] = [await signedIn('alice'), await signedIn('alice')];
      expect((await logout(here.client)).data).toEqual({ logout: { sessionsEnded: 1 } });
      expect(reasonOf(await me(here.client))).toBe('REVOKED');
      expect(reasonOf(await here.client.refresh(here.pair.refreshToken))).toBe('REVOKED');
      expect(reasonOf(await logout(here.client))).toBe('REVOKED');
      expect(reasonOf(await me(there.client))).toBe('OK');
    });

    test('needs a bearer, even with a refresh token', async () => {
      const { pair, client } = await signedIn('alice');
      const answer = await logout(instance.client(), `(refreshToken: "${pair.refreshToken}")`);
      expect(answer.errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
      expect(reasonOf(await me(client))).toBe('OK');
    });

    test("with a refresh token ends that token's session", async () => {
      const [here, there] = [await signedIn('alice'), await signedIn('alice')];
      const answer = await logout(here.client, `(refreshToken: "${there.pair.refreshToken}")`);
      expect(answer.data).toEqual({ logout: { sessionsEnded: 1 } });
      expect(reasonOf(await me(there.client))).toBe('REVOKED');
      expect(reasonOf(await me(here.client))).toBe('OK');
      const again = await logout(here.client, `(refreshToken: "${there.pair.refreshToken}")`);
      expect(again.data).toEqual({ logout: { sessionsEnded: 0 } });
    });

    test('with a rotated token of the session ends it just as well', async () => {
      const [here, there] = [await signedIn('alice'), await signedIn('alice')];
      await there.client.refresh(there.pair.refreshToken);
      const answer = await logout(here.client, `(refreshToken: "${there.pair.refreshToken}")`);
      expect(answer.data).toEqual({ logout: { sessionsEnded: 1 } });
      expect(reasonOf(await me(there.client))).toBe('REVOKED');
    });

    test('with all ends every session of the caller and nobody else’s', async () => {
      const [bob, ...alices] = [await signedIn('bob'), await signedIn('alice'), await signedIn('alice')];
      const [first] = alices;
      const live = (await sessionsOf(first?.client ?? instance.client())).length;
      const answer = await logout(first?.client ?? instance.client(), '(all: true)');
      expect(answer.data).toEqual({ logout: { sessionsEnded: live } });
      for (const { client, pair } of alices) {
        expect(reasonOf(await me(client))).toBe('REVOKED');
        expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('REVOKED');
      }
      expect(reasonOf(await me(bob.client))).toBe('OK');
    });

    test('with all and a token of the caller ends them all', async () => {
      const [here, there] = [await signedIn('alice'), await signedIn('alice')];
      const answer = await logout(here.client, `(all: true, refreshToken: "${there.pair.refreshToken}")`);
      expect(answer.data?.logout.sessionsEnded).toBeGreaterThanOrEqual(2);
    });

    test.each(['', ', all: true'])('a token that is no good ends nothing (%j)', async (all) => {
      const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
      const expired = await signedIn('alice');
      const bad = [
        [bob.pair.refreshToken, 'MALFORMED'],
        [alice.pair.accessToken, 'WRONG_TYPE'],
        ['garbage', 'MALFORMED'],
        ['', 'MALFORMED'],
      ] as const;
      for (const [token, reason] of bad) {
        const answer = await logout(alice.client, `(refreshToken: "${token}"${all})`);
        expect(answer.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason });
      }
      for (const { client } of [alice, bob, expired]) expect(reasonOf(await me(client))).toBe('OK');
      instance.clock.advance(day);
      const { client } = await signedIn('alice');
      const answer = await logout(client, `(refreshToken: "${expired.pair.refreshToken}"${all})`);
      expect(answer.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason: 'EXPIRED' });
    });
  });

  describe('revokeToken', () => {
    test.each(['accessToken', 'refreshToken'] as const)('whoever holds the %s ends its session', async (which) => {
      const { client, pair } = await signedIn('alice');
      expect(await revokeToken(instance.client(), pair[which])).toEqual(revoked);
      expect(reasonOf(await me(client))).toBe('REVOKED');
      expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('REVOKED');
      expect(await revokeToken(instance.client(), pair[which])).toEqual(revoked);
    });

    test('is true for whatever else it is given', async () => {
      const { client, pair } = await signedIn('alice');
      const forged = jwt.sign(jwt.decode(pair.refreshToken) ?? '', 'another key, which is not the right one', {});
      for (const token of ['', 'garbage', 'a.b.c', forged, 'x'.repeat(100_000), 'a\0b']) {
        expect(await revokeToken(instance.client(), token)).toEqual(revoked);
      }
      expect(reasonOf(await me(client))).toBe('OK');
      instance.clock.advance(day);
      expect(await revokeToken(instance.client(), pair.refreshToken)).toEqual(revoked);
    });
  });

  describe('verifyToken', () => {
    test.each(['accessToken', 'refreshToken'] as const)('says what a good %s says', async (which) => {
      const { client, pair } = await signedIn('alice');
      const access = which === 'accessToken';
      const claims = jwt.decode(pair[which], { json: true });
      expect((await verifyToken(instance.client(), pair[which])).data).toEqual({
        verifyToken: {
          tokenType: access ? 'ACCESS' : 'REFRESH',
          jti: claims?.jti,
          userId: pair.user.id,
          sessionId: await currentOf(client),
          issuedAt: new Date(instance.clock.now()).toISOString(),
          expiresAt: access ? pair.accessTokenExpiresAt : pair.refreshTokenExpiresAt,
        },
      });
    });

    const reasonsOf = async ({ accessToken, refreshToken }: Pair) => [
      reasonOf(await verifyToken(instance.client(), accessToken)),
      reasonOf(await verifyToken(instance.client(), refreshToken)),
    ];

    test('names the reason of what is no good', async () => {
      const { client, pair } = await signedIn('alice');
      const forged = jwt.sign(jwt.decode(pair.refreshToken) ?? '', 'another key, which is not the right one', {});
      const unsigned = jwt.sign(jwt.decode(pair.refreshToken) ?? '', '', { algorithm: 'none' });
      for (const token of ['', 'garbage', forged, unsigned, `${pair.accessToken} `, `Bearer ${pair.accessToken}`]) {
        expect(reasonOf(await verifyToken(client, token))).toBe('MALFORMED');
      }
      instance.clock.advance(5 * minute - second);
      expect(await reasonsOf(pair)).toEqual(['OK', 'OK']);
      instance.clock.advance(second);
      expect(await reasonsOf(pair)).toEqual(['EXPIRED', 'OK']);
      instance.clock.advance(day);
      expect(await reasonsOf(pair)).toEqual(['EXPIRED', 'EXPIRED']);
    });

    test('refuses a rotated token, also within the grace period, and takes the new one', async () => {
      const { client, pair } = await signedIn('alice');
      const { data } = await client.refresh(pair.refreshToken);
      expect(await reasonsOf(pair)).toEqual(['OK', 'REVOKED']);
      expect(reasonOf(await verifyToken(client, data?.refreshToken.refreshToken ?? ''))).toBe('OK');
      expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('OK');
    });

    test('refuses the tokens of a session that has ended', async () => {
      const { client, pair } = await signedIn('alice');
      await logout(client);
      expect(await reasonsOf(pair)).toEqual(['REVOKED', 'REVOKED']);
    });

    test('refuses the tokens of a user who is inactive, got another role or is gone', async () => {
      await instance.client().register('dora');
      const { pair } = await signedIn('dora');
      await execute(instance, "update users set is_active = false where username = 'dora'");
      expect(await reasonsOf(pair)).toEqual(['USER_INACTIVE', 'USER_INACTIVE']);
      await execute(instance, "update users set is_active = true where username = 'dora'");
      const later = await signedIn('dora');
      await execute(instance, "update users set role = 'ADMIN' where username = 'dora'");
      expect(await reasonsOf(later.pair)).toEqual(['REVOKED', 'OK']);
      await execute(instance, "delete from users where username = 'dora'");
      expect(await reasonsOf(later.pair)).toEqual(['USER_INACTIVE', 'USER_INACTIVE']);
    });
  });
});

describe.each(testDatabaseKinds)('sessions without blacklisting, on %s', (kind) => {
  test('a rotated token is as good as its successor, until the session ends', async () => {
    const instance = await appOfTest(kind, { env: { JWT_BLACKLIST_AFTER_ROTATION: 'false' } });
    const client = instance.client();
    await client.register('alice');
    const { refreshToken } = await client.signIn('alice');
    await client.refresh(refreshToken);
    expect(reasonOf(await verifyToken(client, refreshToken))).toBe('OK');
    instance.clock.advance(minute);
    await logout(client);
    expect(reasonOf(await verifyToken(client, refreshToken))).toBe('REVOKED');
    expect(reasonOf(await client.refresh(refreshToken))).toBe('REVOKED');
  });
});
