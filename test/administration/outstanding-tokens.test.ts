import { minute } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Pair } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { type Admin, admin, administrativeEvents } from './support.js';

const day = 24 * 60 * minute;
const fields = 'jti sessionId status createdAt expiresAt rotatedAt blacklistedAt user { username email }';
const list = `query ($filter: OutstandingTokenFilter, $first: Int, $after: String) {
  outstandingTokens(filter: $filter, first: $first, after: $after) {
    nodes { ${fields} } pageInfo { endCursor } totalCount
  }
}`;
const blacklist = `mutation ($jti: ID!) { blacklistToken(jti: $jti) { ${fields} } }`;

interface Token {
  readonly jti: string;
  readonly status: string;
  readonly sessionId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly rotatedAt: string | null;
  readonly blacklistedAt: string | null;
}

interface Page {
  readonly outstandingTokens: { nodes: Token[]; pageInfo: { endCursor: string }; totalCount: number };
}

describe.each(testDatabaseKinds)('outstanding tokens, on %s', (kind) => {
  let instance: TestApp;
  let root: Admin;
  let users = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    root = await admin(instance);
  });
  afterAll(() => instance.stop());

  beforeEach(async () => {
    await root.client.signIn('root');
  });

  /** A user of their own, signed in. */
  const member = async () => {
    users += 1;
    const client = instance.client();
    const username = `member${users}`;
    const { id } = await client.register(username);
    return { client, id, username, tokens: await client.signIn(username) };
  };
  const jtiOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
  const page = async (variables: object) => (await root.client.data<Page>(list, variables)).outstandingTokens;
  const tokensOf = async (userId: string, status?: string) => (await page({ filter: { userId, status } })).nodes;
  const statusOf = async (userId: string, { refreshToken }: Pair) => {
    const jti = jtiOf(refreshToken);
    return (await tokensOf(userId)).find((token) => token.jti === jti)?.status;
  };
  const refreshed = async ({ client, tokens }: Awaited<ReturnType<typeof member>>): Promise<Pair> => {
    const { data } = await client.refresh(tokens.refreshToken);
    if (data === null) throw new Error('The refresh failed.');
    return data.refreshToken;
  };
  const revoke = (token: string) =>
    root.client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token });

  test('tell whose they are, and when they were issued, rotated and will expire', async () => {
    const alice = await member();
    const start = instance.clock.now();
    instance.clock.advance(minute);
    const { refreshToken } = await refreshed(alice);
    const user = { username: alice.username, email: `${alice.username}@example.com` };
    const iso = (time: number) => new Date(time).toISOString();
    expect(await tokensOf(alice.id)).toEqual([
      {
        jti: jtiOf(refreshToken),
        sessionId: expect.any(String),
        status: 'ACTIVE',
        createdAt: iso(start + minute),
        expiresAt: iso(start + minute + day),
        rotatedAt: null,
        blacklistedAt: null,
        user,
      },
      {
        jti: jtiOf(alice.tokens.refreshToken),
        sessionId: expect.any(String),
        status: 'ROTATED',
        createdAt: iso(start),
        expiresAt: iso(start + day),
        rotatedAt: iso(start + minute),
        blacklistedAt: null,
        user,
      },
    ]);
  });

  test('are ACTIVE, then EXPIRED from the very moment of their expiry', async () => {
    const alice = await member();
    instance.clock.advance(day - 1);
    await root.client.signIn('root');
    expect(await statusOf(alice.id, alice.tokens)).toBe('ACTIVE');
    instance.clock.advance(1);
    expect(await statusOf(alice.id, alice.tokens)).toBe('EXPIRED');
    expect(await tokensOf(alice.id, 'ACTIVE')).toEqual([]);
    expect(await tokensOf(alice.id, 'EXPIRED')).toHaveLength(1);
  });

  test('are EXPIRED rather than ROTATED', async () => {
    const alice = await member();
    await refreshed(alice);
    expect(await statusOf(alice.id, alice.tokens)).toBe('ROTATED');
    instance.clock.advance(day);
    await root.client.signIn('root');
    expect(await statusOf(alice.id, alice.tokens)).toBe('EXPIRED');
    expect(await tokensOf(alice.id, 'ROTATED')).toEqual([]);
  });

  test('are BLACKLISTED rather than ROTATED or EXPIRED, all of an ended session', async () => {
    const alice = await member();
    const next = await refreshed(alice);
    await revoke(next.refreshToken);
    expect(await statusOf(alice.id, alice.tokens)).toBe('BLACKLISTED');
    expect(await statusOf(alice.id, next)).toBe('BLACKLISTED');
    instance.clock.advance(2 * day);
    await root.client.signIn('root');
    expect((await tokensOf(alice.id)).map(({ status }) => status)).toEqual(['BLACKLISTED', 'BLACKLISTED']);
    expect(await tokensOf(alice.id, 'BLACKLISTED')).toHaveLength(2);
    for (const status of ['ACTIVE', 'ROTATED', 'EXPIRED']) expect(await tokensOf(alice.id, status)).toEqual([]);
  });

  test('of nobody, or of an id that is none, are none', async () => {
    for (const userId of ['00000000-0000-7000-8000-000000000000', 'nobody', '']) {
      expect(await page({ filter: { userId } })).toMatchObject({ nodes: [], totalCount: 0 });
    }
    const alice = await member();
    expect(await tokensOf(alice.id.toUpperCase())).toHaveLength(1);
  });

  test('a cursor outlives the moment, but fits no other filter', async () => {
    const alice = await member();
    for (let count = 0; count < 2; count++) await instance.client().signIn(alice.username);
    const filter = { userId: alice.id, status: 'ACTIVE' };
    const { nodes, pageInfo } = await page({ filter, first: 1 });
    instance.clock.advance(minute);
    const rest = await page({ filter, after: pageInfo.endCursor });
    expect(rest.nodes).toHaveLength(2);
    expect(rest.nodes).not.toContainEqual(nodes[0]);
    for (const other of [null, { userId: alice.id }, { status: 'ACTIVE' }, { ...filter, status: 'EXPIRED' }]) {
      const error = await root.client.error(list, { filter: other, after: pageInfo.endCursor });
      expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] });
    }
  });

  test('a page with its users takes two statements', async () => {
    await member();
    instance.takeStatements();
    await root.client.data(`{ outstandingTokens { nodes { ${fields} } } }`);
    expect(instance.takeStatements()).toHaveLength(2);
  });

  test('are for admins: others are told why not', async () => {
    const { client } = await member();
    for (const operation of [list, blacklist]) {
      const variables = { jti: 'any' };
      expect((await client.error(operation, variables)).extensions.code).toBe('FORBIDDEN');
      const { extensions } = await instance.client().error(operation, variables);
      expect(extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
    }
  });

  describe('blacklistToken', () => {
    test('ends the whole session at once: this token, its successor and the access tokens', async () => {
      const alice = await member();
      const other = await instance.client().signIn(alice.username);
      const next = await refreshed(alice);
      const before = (await administrativeEvents(instance)).length;
      const jti = jtiOf(alice.tokens.refreshToken);
      const { blacklistToken: token } = await root.client.data<{ blacklistToken: Token }>(blacklist, { jti });
      const now = new Date(instance.clock.now()).toISOString();
      expect(token).toMatchObject({
        jti,
        status: 'BLACKLISTED',
        createdAt: now,
        blacklistedAt: now,
        rotatedAt: now,
        user: { username: alice.username },
      });
      expect((await alice.client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
      expect((await alice.client.refresh(next.refreshToken)).errors[0]?.extensions.code).toBe('TOKEN_NOT_VALID');
      expect(await statusOf(alice.id, next)).toBe('BLACKLISTED');
      expect(await statusOf(alice.id, other)).toBe('ACTIVE');
      expect((await administrativeEvents(instance)).slice(before)).toEqual([
        {
          type: 'token_blacklisted',
          user_id: alice.id,
          actor_id: root.id,
          session_id: token.sessionId,
          detail: jti,
        },
      ]);
    });

    test('answers a blacklisted one as it is, without another event', async () => {
      const alice = await member();
      const jti = jtiOf(alice.tokens.refreshToken);
      const first = await root.client.data(blacklist, { jti: jti.toUpperCase() });
      instance.clock.advance(minute);
      const events = await administrativeEvents(instance);
      expect(await root.client.data(blacklist, { jti })).toEqual(first);
      expect(await administrativeEvents(instance)).toEqual(events);
    });

    test('of any number at once records one event', async () => {
      const alice = await member();
      const before = (await administrativeEvents(instance)).length;
      const jti = jtiOf(alice.tokens.refreshToken);
      const answers = await Promise.all(Array.from({ length: 10 }, () => root.client.data(blacklist, { jti })));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await administrativeEvents(instance)).toHaveLength(before + 1);
    });

    test('blacklists what has expired, too', async () => {
      const alice = await member();
      instance.clock.advance(day);
      await root.client.signIn('root');
      const answer = await root.client.data(blacklist, { jti: jtiOf(alice.tokens.refreshToken) });
      expect(answer).toMatchObject({ blacklistToken: { status: 'BLACKLISTED' } });
    });

    test.each(['00000000-0000-7000-8000-000000000000', 'nothing', ''])('finds no token %j', async (jti) => {
      expect((await root.client.error(blacklist, { jti })).extensions.code).toBe('NOT_FOUND');
    });

    test('of the admin’s own session still answers, and signs them out', async () => {
      const { refreshToken } = await root.client.signIn('root');
      const answer = await root.client.data(blacklist, { jti: jtiOf(refreshToken) });
      expect(answer).toMatchObject({ blacklistToken: { user: { email: 'root@example.com' } } });
      expect((await root.client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    });
  });
});

describe('with leeway', () => {
  test('what a refresh still accepts is not shown as expired', async () => {
    const instance = await createTestApp('pglite', { env: { JWT_LEEWAY: '10s' } });
    try {
      const root = await admin(instance);
      const { refreshToken } = await root.client.signIn('root');
      instance.clock.advance(day + 9_999);
      const own = { filter: { userId: root.id } };
      const statuses = async () =>
        (await root.client.data<Page>(list, own)).outstandingTokens.nodes.map(({ status }) => status).sort();
      expect((await root.client.refresh(refreshToken)).errors).toEqual([]);
      await root.client.signIn('root');
      expect(await statuses()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ROTATED']);
      instance.clock.advance(1);
      expect(await statuses()).toEqual(['ACTIVE', 'ACTIVE', 'EXPIRED', 'EXPIRED']);
    } finally {
      await instance.stop();
    }
  });
});
