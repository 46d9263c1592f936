import jwt from 'jsonwebtoken';
import { admin } from '../administration/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Answer, passwordOf, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase, testDatabaseKinds } from '../support/databases.js';
import { FakeClock } from '../support/fake-clock.js';
import { appOfTest, codeOf, execute, minute, reasonOf, second } from './support.js';

const key = 'a test key of thirty-two bytes, or more of them';
const day = 24 * 60 * minute;
const env = { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' };
const fields = 'token tokenType expiresAt refreshExpiresAt user { id username email }';
const me = '{ me { id } }';

interface Sliding {
  readonly token: string;
  readonly tokenType: string;
  readonly expiresAt: string;
  readonly refreshExpiresAt: string;
  readonly user: { readonly id: string; readonly username: string; readonly email: string };
}

function obtain(
  client: TestClient,
  username: string,
  password = passwordOf(username),
): Promise<Answer<{ obtainSlidingToken: Sliding } | null>> {
  return client.query(
    `mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { ${fields} } }`,
    { input: { username, password } },
  );
}

function renew(client: TestClient, token: string): Promise<Answer<{ refreshSlidingToken: Sliding } | null>> {
  return client.query(`mutation ($token: String!) { refreshSlidingToken(token: $token) { ${fields} } }`, { token });
}

/** Signs in and keeps the token for what comes next. */
async function signIn(client: TestClient, username: string): Promise<Sliding> {
  const { data, errors } = await obtain(client, username);
  if (!data) throw new Error(`The sign-in failed: ${JSON.stringify(errors)}`);
  client.token = data.obtainSlidingToken.token;
  return data.obtainSlidingToken;
}

async function renewed(client: TestClient, token: string): Promise<Sliding> {
  const { data, errors } = await renew(client, token);
  if (!data) throw new Error(`The refresh failed: ${JSON.stringify(errors)}`);
  client.token = data.refreshSlidingToken.token;
  return data.refreshSlidingToken;
}

const claimsOf = (token: string): jwt.JwtPayload => jwt.decode(token, { json: true }) ?? {};
const seconds = (time: string): number => Date.parse(time) / 1000;

describe.each(testDatabaseKinds)('sliding tokens, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env });
    for (const name of ['alice', 'bob']) await instance.client().register(name);
  });
  beforeEach(() => {
    client = instance.client();
  });
  afterAll(() => instance.stop());

  test('a sliding token says what an access token says, and until when it can be refreshed', async () => {
    const { token, tokenType, expiresAt, refreshExpiresAt, user } = await signIn(client, 'alice');
    const now = instance.clock.now();
    expect(tokenType).toBe('Bearer');
    expect(user).toMatchObject({ username: 'alice', email: 'alice@example.com' });
    expect(expiresAt).toBe(new Date(now + 5 * minute).toISOString());
    expect(refreshExpiresAt).toBe(new Date(now + day).toISOString());
    expect(claimsOf(token)).toEqual({
      token_type: 'sliding',
      exp: seconds(expiresAt),
      iat: now / 1000,
      jti: expect.any(String),
      user_id: user.id,
      sid: expect.any(String),
      role: 'user',
      email: 'alice@example.com',
      token_version: 0,
      amr: ['pwd'],
      auth_time: expect.any(Number),
      refresh_exp: seconds(refreshExpiresAt),
    });
  });

  test('a sliding token is accepted as a bearer, beside access tokens', async () => {
    const { user } = await signIn(client, 'alice');
    expect(await client.data(me)).toEqual({ me: { id: user.id } });
    await client.signIn('alice');
    expect(await client.data(me)).toEqual({ me: { id: user.id } });
  });

  test('a bearer costs no statement, a sign-in four and a refresh one', async () => {
    instance.takeStatements();
    const { token } = await signIn(client, 'alice');
    expect(instance.takeStatements()).toHaveLength(4);
    await client.data('{ __typename }');
    expect(instance.takeStatements()).toEqual([]);
    await renewed(client, token);
    expect(instance.takeStatements()).toHaveLength(1);
  });

  test('a refresh moves exp and iat, and keeps jti, session and refresh_exp', async () => {
    const first = await signIn(client, 'alice');
    instance.clock.advance(2 * minute);
    const second = await renewed(client, first.token);
    const before = claimsOf(first.token);
    expect(claimsOf(second.token)).toEqual({
      ...before,
      iat: (before.iat ?? 0) + 120,
      exp: (before.exp ?? 0) + 120,
    });
    expect(second.refreshExpiresAt).toBe(first.refreshExpiresAt);
    expect(second.expiresAt).toBe(new Date(Date.parse(first.expiresAt) + 2 * minute).toISOString());
  });

  test('any number of refreshes at once are answered, and the token from before is good until it expires', async () => {
    const { token } = await signIn(client, 'alice');
    const answers = await Promise.all(Array.from({ length: 20 }, () => renew(instance.client(), token)));
    expect(answers.map(reasonOf)).toEqual(Array(20).fill('OK'));
    const tokens = [token, ...answers.map(({ data }) => data?.refreshSlidingToken.token ?? '')];
    expect(new Set(tokens.map((one) => claimsOf(one)['jti'])).size).toBe(1);
    for (const one of tokens) {
      client.token = one;
      expect(reasonOf(await client.query(me))).toBe('OK');
    }
  });

  test('an expired one is no bearer any more, but can be refreshed until its refresh_exp', async () => {
    const { token } = await signIn(client, 'alice');
    instance.clock.advance(day - 1);
    expect(reasonOf(await client.query(me))).toBe('EXPIRED');
    expect(
      reasonOf(await client.query('mutation ($token: String!) { verifyToken(token: $token) { jti } }', { token })),
    ).toBe('EXPIRED');
    await renewed(client, token);
    expect(reasonOf(await client.query(me))).toBe('OK');
    instance.clock.advance(1);
    expect(reasonOf(await renew(client, client.token ?? ''))).toBe('EXPIRED');
    expect(reasonOf(await client.query(me))).toBe('OK');
  });

  test('a refresh does not lengthen the time in which it can be refreshed', async () => {
    let { token } = await signIn(client, 'alice');
    for (let round = 0; round < 3; round++) {
      instance.clock.advance(day / 4);
      ({ token } = await renewed(client, token));
    }
    instance.clock.advance(day / 4);
    expect(reasonOf(await renew(client, token))).toBe('EXPIRED');
  });

  const signed = (token: string, changes: object, secret = key): string => {
    // Without the claims that are undefined, of which jsonwebtoken would complain.
    const claims: object = JSON.parse(JSON.stringify({ ...claimsOf(token), ...changes }));
    return jwt.sign(claims, secret);
  };

  test.each<[what: string, token: (own: Sliding) => Promise<string> | string, reason: string]>([
    ['garbage', () => 'garbage', 'MALFORMED'],
    ['one by another key', ({ token }) => signed(token, {}, `${key}!`), 'MALFORMED'],
    ['one without exp', ({ token }) => signed(token, { exp: undefined }), 'MALFORMED'],
    ['one without refresh_exp', ({ token }) => signed(token, { refresh_exp: undefined }), 'MALFORMED'],
    ['one whose refresh_exp is no time', ({ token }) => signed(token, { refresh_exp: 'soon' }), 'MALFORMED'],
    ['one whose refresh_exp has passed', ({ token }) => signed(token, { refresh_exp: 1 }), 'EXPIRED'],
    ['an access token', async () => (await instance.client().signIn('alice')).accessToken, 'WRONG_TYPE'],
    ['a refresh token', async () => (await instance.client().signIn('alice')).refreshToken, 'WRONG_TYPE'],
    ['one of a type that is none', ({ token }) => signed(token, { token_type: 'slippery' }), 'WRONG_TYPE'],
    [
      'one of a session that is another user’s',
      async ({ token }) => signed(token, { user_id: (await signIn(instance.client(), 'bob')).user.id }),
      'REVOKED',
    ],
  ])('refreshSlidingToken refuses %s', async (_what, token, reason) => {
    const own = await signIn(client, 'alice');
    const answer = await renew(client, await token(own));
    expect(answer.data).toBeNull();
    expect(answer.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason });
  });

  test('a sliding token is no refresh token', async () => {
    const { token } = await signIn(client, 'alice');
    expect(reasonOf(await client.refresh(token))).toBe('WRONG_TYPE');
    const logout = 'mutation ($token: String) { logout(refreshToken: $token) { sessionsEnded } }';
    expect(reasonOf(await client.query(logout, { token }))).toBe('WRONG_TYPE');
  });

  test('verifyToken says what a good one says', async () => {
    const { token, user, expiresAt } = await signIn(client, 'alice');
    const claims = claimsOf(token);
    expect(
      await client.data(
        'mutation ($token: String!) { verifyToken(token: $token) { tokenType jti userId sessionId issuedAt expiresAt } }',
        { token },
      ),
    ).toEqual({
      verifyToken: {
        tokenType: 'SLIDING',
        jti: claims.jti,
        userId: user.id,
        sessionId: claims['sid'],
        issuedAt: new Date(instance.clock.now()).toISOString(),
        expiresAt,
      },
    });
  });

  test('a sign-in is one session, listed until its refresh_exp, with no refresh token', async () => {
    await client.register(`lister-${kind}`);
    const { refreshExpiresAt } = await signIn(client, `lister-${kind}`);
    const list = '{ sessions { expiresAt current userAgent } }';
    expect(await client.data(list)).toEqual({
      sessions: [{ expiresAt: refreshExpiresAt, current: true, userAgent: 'test client' }],
    });
    const { sid } = claimsOf(client.token ?? '') as { sid: string };
    expect(await execute(instance, `select jti from refresh_tokens where session_id = '${sid}'`)).toEqual([]);
    instance.clock.advance(day);
    await signIn(client, `lister-${kind}`);
    expect((await client.data<{ sessions: unknown[] }>(list)).sessions).toHaveLength(1);
  });

  test('a sign-in is counted, noted as the last one and recorded, and so is a failure', async () => {
    const name = `noted-${kind}`;
    const { id } = await client.register(name);
    expect(codeOf(await obtain(client, name, 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    // Events of one millisecond are in no order.
    instance.clock.advance(1_000);
    await signIn(client, name);
    expect(await client.data('{ me { lastLoginAt } }')).toEqual({
      me: { lastLoginAt: new Date(instance.clock.now()).toISOString() },
    });
    const events = await execute<{ type: string; session_id: string | null }>(
      instance,
      `select type, session_id::text from security_events where user_id = '${id}' order by created_at, id`,
    );
    expect(events).toEqual([
      { type: 'sign_in_failed', session_id: null },
      { type: 'signed_in', session_id: claimsOf(client.token ?? '')['sid'] },
    ]);
  });

  test('an unknown user, a wrong password and an inactive account get one answer', async () => {
    const name = `closed-${kind}`;
    await client.register(name);
    await execute(instance, `update users set is_active = false where username = '${name}'`);
    const answers = [
      await obtain(client, 'nobody', 'a wrong guess'),
      await obtain(client, 'alice', 'a wrong guess'),
      await obtain(client, name),
    ].map(({ data, errors }) => ({ data, errors }));
    expect(answers[0]?.errors[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('too many failures are RATE_LIMITED, with the same counters as obtainToken', async () => {
    const name = `throttled-${kind}`;
    await client.register(name);
    const guess = instance.client('192.0.2.200');
    for (let tries = 0; tries < 5; tries++) {
      await obtain(guess, name, 'a wrong guess');
      await guess.query(
        'mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair { accessToken } } }',
        { input: { username: name, password: 'a wrong guess' } },
      );
    }
    expect(codeOf(await obtain(guess, name))).toBe('RATE_LIMITED');
  });

  test('input that no account can have is BAD_USER_INPUT, and a missing field too', async () => {
    expect((await obtain(client, 'ali\0ce', 'a password')).errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'username'], message: expect.any(String) }],
    });
    expect(
      codeOf(
        await client.query(
          'mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { token } }',
          { input: { username: 'alice' } },
        ),
      ),
    ).toBe('BAD_USER_INPUT');
    expect(codeOf(await client.query('mutation { refreshSlidingToken { token } }'))).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  describe('end at once', () => {
    const revoke = 'mutation ($token: String!) { revokeToken(token: $token) }';
    const sql = (statement: string) => async () => {
      await execute(instance, statement);
    };
    const endings: [how: string, username: string, end: (token: string) => Promise<void>, refusal: string][] = [
      [
        'with a log-out',
        'ender1',
        async () => void (await client.data('mutation { logout { sessionsEnded } }')),
        'REVOKED',
      ],
      [
        'with a log-out everywhere',
        'ender2',
        async () => void (await client.data('mutation { logout(all: true) { sessionsEnded } }')),
        'REVOKED',
      ],
      [
        'when whoever holds one revokes it',
        'ender3',
        async (token) => void (await instance.client().data(revoke, { token })),
        'REVOKED',
      ],
      [
        'when their session is revoked',
        'ender7',
        async (token) =>
          void (await client.data('mutation ($id: ID!) { revokeSession(id: $id) { id } }', {
            id: claimsOf(token)['sid'],
          })),
        'REVOKED',
      ],
      [
        'when an admin ends the sessions of the user',
        'ender8',
        async (token) => {
          const { client: root } = await admin(instance, `root-${kind}`);
          const id = claimsOf(token)['user_id'];
          await root.data('mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }', { id });
        },
        'REVOKED',
      ],
      [
        'when the password changes',
        'ender4',
        sql("update users set password_changed_at = now() where username = 'ender4'"),
        'REVOKED',
      ],
      [
        'when the user is deactivated',
        'ender5',
        sql("update users set is_active = false where username = 'ender5'"),
        'USER_INACTIVE',
      ],
      ['when the user is deleted', 'ender6', sql("delete from users where username = 'ender6'"), 'USER_INACTIVE'],
    ];
    test.each(endings)('%s: no bearer, no refresh', async (_how, username, end, refusal) => {
      await client.register(username);
      const { token } = await signIn(client, username);
      await end(token);
      await eventually(async () => reasonOf(await client.query(me)), 'REVOKED');
      expect(reasonOf(await renew(client, token))).toBe(refusal);
    });

    test('when it is revoked after it has expired: it could still be refreshed', async () => {
      const { token } = await signIn(client, 'alice');
      instance.clock.advance(10 * minute);
      await instance.client().data(revoke, { token });
      expect(reasonOf(await renew(client, token))).toBe('REVOKED');
    });

    test('the other sessions of the user go on', async () => {
      const other = instance.client();
      await signIn(client, 'alice');
      await signIn(other, 'alice');
      await client.data('mutation { logout { sessionsEnded } }');
      expect(reasonOf(await client.query(me))).toBe('REVOKED');
      expect(reasonOf(await other.query(me))).toBe('OK');
    });
  });

  test('a new role ends the bearer, and the refresh answers with one that knows it', async () => {
    await client.register(`climber-${kind}`);
    const { token } = await signIn(client, `climber-${kind}`);
    await execute(instance, `update users set role = 'ADMIN' where username = 'climber-${kind}'`);
    await eventually(async () => reasonOf(await client.query(me)), 'REVOKED');
    const next = await renewed(client, token);
    expect(claimsOf(next.token)).toMatchObject({ role: 'admin', token_version: 1 });
    expect(reasonOf(await client.query(me))).toBe('OK');
  });

  test('a token from before a password change is not refreshed, although its own session goes on', async () => {
    const name = `changer-${kind}`;
    await client.register(name);
    const { token } = await signIn(client, name);
    instance.clock.advance(minute);
    const { sid } = claimsOf(token) as { sid: string };
    const changedAt = new Date(instance.clock.now()).toISOString();
    await instance.app.database.fork().transactional(async (tx) => {
      await tx.execute(`select set_config('postern.own_session', '${sid}', true)`);
      await tx.execute(`update users set password_changed_at = '${changedAt}' where username = '${name}'`);
    });
    const live = await execute(instance, `select id from sessions where id = '${sid}' and ended_at is null`);
    expect(live).toHaveLength(1);
    expect(reasonOf(await renew(client, token))).toBe('REVOKED');
    // Of a refresh that has read the user's row just before: its clock does not know of the change, its version does.
    instance.clock.advance(second);
    const late = { iat: instance.clock.now() / 1000 };
    expect(reasonOf(await renew(client, signed(token, late)))).toBe('REVOKED');
    expect(reasonOf(await renew(client, signed(token, { ...late, token_version: 1 })))).toBe('OK');
  });

  test('a sign-in within the very second of a password change can be refreshed, also with another role', async () => {
    const name = `hurrier-${kind}`;
    await client.register(name);
    instance.clock.advance(500);
    const changedAt = new Date(instance.clock.now()).toISOString();
    await execute(instance, `update users set password_changed_at = '${changedAt}' where username = '${name}'`);
    instance.clock.advance(100);
    const { token } = await signIn(client, name);
    await renewed(client, token);
    await execute(instance, `update users set role = 'ADMIN' where username = '${name}'`);
    expect(claimsOf((await renewed(client, token)).token)).toMatchObject({ role: 'admin' });
    instance.clock.advance(400);
  });
});

describe('sliding tokens under other settings', () => {
  test('are off by default: FORBIDDEN names the setting, and one that is signed is of a wrong type', async () => {
    const instance = await appOfTest('pglite');
    const client = instance.client();
    await client.register('alice');
    const { accessToken } = await client.signIn('alice');
    instance.takeStatements();
    for (const answer of [await obtain(client, 'alice'), await renew(client, accessToken)]) {
      expect(answer.data).toBeNull();
      expect(codeOf(answer)).toBe('FORBIDDEN');
      expect(answer.errors[0]?.message).toContain('JWT_AUTH_TOKEN_CLASSES');
    }
    expect(instance.takeStatements()).toEqual([]);
    client.token = jwt.sign({ ...claimsOf(accessToken), token_type: 'sliding', refresh_exp: 4_000_000_000 }, key);
    expect(reasonOf(await client.query(me))).toBe('WRONG_TYPE');
    const verify = 'mutation ($token: String!) { verifyToken(token: $token) { jti } }';
    expect(reasonOf(await client.query(verify, { token: client.token }))).toBe('WRONG_TYPE');
  });

  test('JWT_AUTH_TOKEN_CLASSES=sliding accepts no access token as a bearer', async () => {
    const instance = await appOfTest('pglite', { env: { JWT_AUTH_TOKEN_CLASSES: 'sliding' } });
    const client = instance.client();
    await client.register('alice');
    await signIn(client, 'alice');
    expect(reasonOf(await client.query(me))).toBe('OK');
    await client.signIn('alice');
    expect(reasonOf(await client.query(me))).toBe('WRONG_TYPE');
  });

  test('live as long as JWT_SLIDING_TOKEN_LIFETIME and JWT_SLIDING_TOKEN_REFRESH_LIFETIME say', async () => {
    const lifetimes = { JWT_SLIDING_TOKEN_LIFETIME: '1h', JWT_SLIDING_TOKEN_REFRESH_LIFETIME: '7d' };
    const instance = await appOfTest('pglite', { env: { ...env, ...lifetimes } });
    const client = instance.client();
    await client.register('alice');
    const { expiresAt, refreshExpiresAt } = await signIn(client, 'alice');
    expect(Date.parse(expiresAt) - instance.clock.now()).toBe(60 * minute);
    expect(Date.parse(refreshExpiresAt) - instance.clock.now()).toBe(7 * day);
    instance.clock.advance(60 * minute - 1);
    expect(reasonOf(await client.query(me))).toBe('OK');
    instance.clock.advance(1);
    expect(reasonOf(await client.query(me))).toBe('EXPIRED');
  });

  test('leave the last sign-in alone with JWT_UPDATE_LAST_LOGIN=false', async () => {
    const instance = await appOfTest('pglite', { env: { ...env, JWT_UPDATE_LAST_LOGIN: 'false' } });
    const client = instance.client();
    await client.register('alice');
    const { token } = await signIn(client, 'alice');
    await renewed(client, token);
    expect(await client.data('{ me { lastLoginAt } }')).toEqual({ me: { lastLoginAt: null } });
  });

  test('name refresh_exp as JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM says', async () => {
    const name = { JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM: 'renew_until' };
    const instance = await appOfTest('pglite', { env: { ...env, ...name } });
    const client = instance.client();
    await client.register('alice');
    const { token, refreshExpiresAt } = await signIn(client, 'alice');
    expect(claimsOf(token)).toMatchObject({ renew_until: seconds(refreshExpiresAt) });
    expect(claimsOf(token)).not.toHaveProperty('refresh_exp');
    await renewed(client, token);
  });

  test('can be refreshed within JWT_LEEWAY after their refresh_exp', async () => {
    const instance = await appOfTest('pglite', { env: { ...env, JWT_LEEWAY: '10s' } });
    const client = instance.client();
    await client.register('alice');
    const { token } = await signIn(client, 'alice');
    instance.clock.advance(day + 9_999);
    await renewed(client, token);
    instance.clock.advance(1);
    expect(reasonOf(await renew(client, token))).toBe('EXPIRED');
  });

  test('are flushed with their session, once none of them can be alive', async () => {
    const instance = await appOfTest('pglite', { env });
    const client = instance.client();
    await client.register('alice');
    const { token } = await signIn(client, 'alice');
    const flush = () => instance.app.services.flush.flush(instance.app.database.fork());
    instance.clock.advance(day - 1);
    await renewed(client, token);
    instance.clock.advance(5 * minute);
    expect((await flush()).sessions).toBe(0);
    instance.clock.advance(2 * minute);
    expect((await flush()).sessions).toBe(1);
  });
});

describe('sliding tokens on two instances', () => {
  let database: TestDatabase;
  let one: TestApp;
  let two: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    const clock = new FakeClock();
    const long = { ...env, JWT_SLIDING_TOKEN_LIFETIME: '1h' };
    one = await createTestApp('postgres', { database, clock, env: long });
    two = await createTestApp('postgres', { database, clock, env: long });
    await one.client().register('alice');
  });
  afterAll(async () => {
    await one.stop();
    await two.stop();
    await database.drop();
  });

  test('a log-out on one is known on the other within a second, without a statement', async () => {
    const [here, there] = [one.client(), two.client()];
    ({ token: there.token } = await signIn(here, 'alice'));
    expect(reasonOf(await there.query(me))).toBe('OK');
    await here.data('mutation { logout { sessionsEnded } }');
    expect(await eventually(async () => reasonOf(await there.query(me)), 'REVOKED')).toBeLessThan(1_000);
    two.takeStatements();
    expect(reasonOf(await there.query(me))).toBe('REVOKED');
    expect(two.takeStatements()).toEqual([]);
  });

  test('what ended is remembered as long as a sliding token lives, also by an instance that starts later', async () => {
    const here = one.client();
    await signIn(here, 'alice');
    await here.data('mutation { logout { sessionsEnded } }');
    // Longer than an access token lives, and its margin.
    await execute(one, "update revocations set revoked_at = revoked_at - interval '50 minutes'");
    const late = await createTestApp('postgres', {
      database,
      clock: one.clock,
      env: { ...env, JWT_SLIDING_TOKEN_LIFETIME: '1h' },
    });
    const there = late.client();
    there.token = here.token;
    late.takeStatements();
    expect(reasonOf(await there.query(me))).toBe('REVOKED');
    expect(late.takeStatements()).toEqual([]);
    await late.stop();
  });

  test('a token from before the lifetime was shortened is held against the database', async () => {
    const here = one.client();
    await signIn(here, 'alice');
    await here.data('mutation { logout { sessionsEnded } }');
    await execute(one, "update revocations set revoked_at = revoked_at - interval '50 minutes'");
    const short = await createTestApp('postgres', { database, clock: one.clock, env });
    const there = short.client();
    there.token = here.token;
    expect(reasonOf(await there.query(me))).toBe('REVOKED');
    await short.stop();
  });
});

/** Returns after how many milliseconds it became so. */
async function eventually(look: () => Promise<string>, wanted: string): Promise<number> {
  const start = performance.now();
  for (let seen = await look(); seen !== wanted; seen = await look()) {
    if (performance.now() - start > 10_000) throw new Error(`${seen} instead of ${wanted}, for ten seconds.`);
  }
  return performance.now() - start;
}
