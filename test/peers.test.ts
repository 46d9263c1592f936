import { createHmac, generateKeyPairSync } from 'node:crypto';
import { ConfigError, loadConfig } from '../src/config.js';
import type { OneTimeTokenPurpose } from '../src/modules/auth/one-time-tokens/one-time-token.types.js';
import { appOfTest, attempt, codeOf, execute, minute, reasonOf } from './auth/support.js';
import { createTestApp, type TestApp } from './support/app.js';
import { type Answer, type Pair, passwordOf, type TestClient } from './support/client.js';
import { createDataDir, testDatabaseKinds } from './support/databases.js';
import { mailed } from './support/mailed.js';

const me = '{ me { id username role email } }';
const another = 'another long sentence';
const logout = 'mutation { logout { sessionsEnded } }';

interface Claims {
  readonly [name: string]: unknown;
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** A token of these claims, signed with the test's secret, whatever they are. */
function forge(claims: Claims, secret: string | Buffer, header: Claims = { alg: 'HS256', typ: 'JWT' }): string {
  const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

const repeat = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)));

/** What is stored of tokens and sessions, column by column. */
const everythingStored = `select row_to_json(t)::text as row from refresh_tokens t
  union all select row_to_json(t)::text from sessions t
  union all select row_to_json(t)::text from security_events t
  union all select row_to_json(t)::text from sign_in_attempts t
  union all select encode(hash, 'hex') from one_time_tokens`;

/** Defects that were read in the code of others; each test is named after where. */
describe.each(testDatabaseKinds)('a defect of a peer that is not ours, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;
  let count = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());
  beforeEach(() => {
    instance.clock.advance(10 * minute);
    client = instance.client();
  });

  async function newcomer(): Promise<{ id: string; username: string }> {
    return client.register(`user${++count}`);
  }
  const refreshed = (answer: Answer<{ refreshToken: Pair } | null>): Pair => {
    if (!answer.data?.refreshToken) throw new Error(JSON.stringify(answer.errors));
    return answer.data.refreshToken;
  };
  const change = (id: string, assignment: string) =>
    execute(instance, `update users set ${assignment} where id = '${id}'`);
  const changePassword = (username: string) =>
    client.data<{ changePassword: Pair }>(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken refreshToken } }',
      { input: { currentPassword: passwordOf(username), newPassword: another } },
    );
  /** The token of a link, as a mail has it. */
  const linkFor = (userId: string, purpose: OneTimeTokenPurpose, data = {}) => {
    const em = instance.app.database.fork();
    return instance.app.services.oneTimeTokens.issue(em, { userId, purpose, lifetime: minute, data });
  };
  const resetPassword = (token: string, newPassword = another) =>
    instance.client().query('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', {
      input: { token, newPassword },
    });
  const stored = async () => (await execute<{ row: string }>(instance, everythingStored)).map(({ row }) => row).join();

  test('django-graphql-auth: a sign-in changes nothing of an inactive account, be the password right or wrong', async () => {
    const { id, username } = await newcomer();
    await change(id, 'is_active = false');
    for (const password of ['a wrong guess', passwordOf(username)]) {
      expect(codeOf(await attempt(client, username, password))).toBe('INVALID_CREDENTIALS');
      expect(await execute(instance, `select is_active, last_login_at from users where id = '${id}'`)).toEqual([
        { is_active: false, last_login_at: null },
      ]);
    }
  });

  test('django-graphql-auth: a reset token is good once, also for fifty at the same instant', async () => {
    const { id } = await newcomer();
    const token = await linkFor(id, 'PASSWORD_RESET');
    const answers = await repeat(50, (index) => resetPassword(token, `${another} ${index}`));
    expect(answers.map(reasonOf).sort()).toEqual(['OK', ...Array(49).fill('REVOKED')]);
    expect(reasonOf(await resetPassword(token))).toBe('REVOKED');
  });

  test('django-graphql-auth: a reset token expires, and is good for nothing else', async () => {
    const { id } = await newcomer();
    const token = await linkFor(id, 'PASSWORD_RESET');
    const verify = 'mutation ($token: String!) { verifyEmail(token: $token) { id } }';
    expect((await client.error(verify, { token })).extensions.reason).toBe('WRONG_TYPE');
    instance.clock.advance(minute);
    expect(reasonOf(await resetPassword(token))).toBe('EXPIRED');
  });

  test('Directus: no parallel refresh answers with a token that was never stored', async () => {
    const { username } = await newcomer();
    const { refreshToken } = await client.signIn(username);
    const answers = await repeat(20, () => instance.client().refresh(refreshToken));
    const successors = new Set(answers.map((answer) => refreshed(answer).refreshToken));
    expect(successors.size).toBe(1);
    for (const successor of successors) expect(codeOf(await client.refresh(successor))).toBe('OK');
  });

  test('Directus: too many failures lock nobody out for ever', async () => {
    const { id, username } = await newcomer();
    for (let guess = 0; guess < 12; guess++) await attempt(client, username, 'a wrong guess');
    expect(codeOf(await attempt(client, username, passwordOf(username)))).toBe('RATE_LIMITED');
    expect(await execute(instance, `select is_active from users where id = '${id}'`)).toEqual([{ is_active: true }]);
    instance.clock.advance(6 * minute);
    expect(codeOf(await attempt(client, username, passwordOf(username)))).toBe('OK');
  });

  test('hasura-auth, Saleor: a new password ends every refresh and access token from before', async () => {
    const { username } = await newcomer();
    const pairs = [await client.signIn(username), await client.signIn(username)];
    await changePassword(username);
    for (const { accessToken, refreshToken } of pairs) {
      expect(reasonOf(await client.refresh(refreshToken))).toBe('REVOKED');
      expect(
        reasonOf(await client.query('mutation ($t: String!) { verifyToken(token: $t) { jti } }', { t: accessToken })),
      ).toBe('REVOKED');
    }
  });

  test('Payload: a password reset keeps no old session', async () => {
    const { id, username } = await newcomer();
    const { refreshToken } = await client.signIn(username);
    expect(codeOf(await resetPassword(await linkFor(id, 'PASSWORD_RESET')))).toBe('OK');
    expect(reasonOf(await client.refresh(refreshToken))).toBe('REVOKED');
    expect((await client.error(me)).extensions.reason).toBe('REVOKED');
  });

  test('Saleor: a token names its user by the id, not by an address that can become somebody else’s', async () => {
    const [first, second] = [await newcomer(), await newcomer()];
    const { refreshToken } = await client.signIn(first.username);
    const token = await linkFor(first.id, 'EMAIL_CHANGE', { newEmail: `moved-${first.username}@example.com` });
    await client.data('mutation ($token: String!) { verifyEmail(token: $token) { id } }', { token });
    await change(second.id, `email = '${first.username}@example.com'`);
    const { accessToken } = refreshed(await client.refresh(refreshToken));
    expect(claimsOf(accessToken)).toMatchObject({ user_id: first.id, email: `moved-${first.username}@example.com` });
    client.token = accessToken;
    expect(await client.data(me)).toMatchObject({ me: { id: first.id } });
  });

  test('Payload: parallel sign-ins lose no session', async () => {
    const { username } = await newcomer();
    const pairs = await repeat(10, () => instance.client().signIn(username));
    for (const { refreshToken } of pairs) expect(codeOf(await client.refresh(refreshToken))).toBe('OK');
    await client.signIn(username);
    const { sessions } = await client.data<{ sessions: object[] }>('{ sessions { id } }');
    expect(sessions).toHaveLength(11);
  });

  test('Payload: an unknown user costs as many statements as a known one, and a hash as well', async () => {
    const { username } = await newcomer();
    const statementsFor = async (name: string) => {
      instance.takeStatements();
      expect(codeOf(await attempt(client, name, 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
      return instance.takeStatements().length;
    };
    expect(await statementsFor('nobody-of-that-name')).toBe(await statementsFor(username));
    // With room for one hash only, others are turned away while one is computed.
    const narrow = await appOfTest(kind, { env: { PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '0' } });
    const codes = (await repeat(6, (index) => attempt(narrow.client(), `nobody${index}`, 'a wrong guess'))).map(codeOf);
    expect(new Set(codes)).toEqual(new Set(['INVALID_CREDENTIALS', 'SERVICE_UNAVAILABLE']));
  });

  test('accounts-js: a refresh token renews its own user’s access, whoever’s access token comes along', async () => {
    const [mine, theirs] = [await newcomer(), await newcomer()];
    const { refreshToken } = await client.signIn(mine.username);
    await client.signIn(theirs.username);
    const pair = refreshed(await client.refresh(refreshToken));
    expect(claimsOf(pair.accessToken)['user_id']).toBe(mine.id);
    expect(claimsOf(refreshToken)).toMatchObject({
      user_id: mine.id,
      jti: expect.any(String),
      sid: expect.any(String),
    });
  });

  test('Keystone: a session can be ended, although its access token carries its own proof', async () => {
    const { username } = await newcomer();
    await client.signIn(username);
    await client.data(logout);
    expect((await client.error(me)).extensions.reason).toBe('REVOKED');
  });

  test('Better-Auth: a reuse ends the whole family in one statement', async () => {
    const { username } = await newcomer();
    const { refreshToken } = await client.signIn(username);
    const successor = refreshed(await client.refresh(refreshToken));
    instance.clock.advance(minute);
    instance.takeStatements();
    expect(reasonOf(await client.refresh(refreshToken))).toBe('REUSED');
    expect(
      instance.takeStatements().filter((statement) => /update sessions set ended_at/.test(statement)),
    ).toHaveLength(1);
    expect(reasonOf(await client.refresh(successor.refreshToken))).toBe('REVOKED');
    const states = await execute(
      instance,
      `select distinct state from refresh_tokens t join sessions s on s.id = session_id
      where s.id = '${claimsOf(refreshToken)['sid']}'`,
    );
    expect(states).toEqual([{ state: 'BLACKLISTED' }]);
  });

  test('SimpleJWT 1: of parallel refreshes with one token one wins, and without a grace period one only', async () => {
    const strict = await appOfTest(kind, { env: { JWT_ROTATION_GRACE_PERIOD: '0s' } });
    await strict.client().register('racer');
    const { refreshToken } = await strict.client().signIn('racer');
    const outcomes = (await repeat(10, () => strict.client().refresh(refreshToken))).map(reasonOf);
    expect(outcomes.sort()).toEqual(['OK', ...Array(9).fill('REUSED')]);
  });

  test('SimpleJWT 2: the second use of a rotated token ends the family, and the user can see it', async () => {
    const { id, username } = await newcomer();
    const { refreshToken } = await client.signIn(username);
    const successor = refreshed(await client.refresh(refreshToken));
    instance.clock.advance(minute);
    await client.refresh(refreshToken);
    expect(reasonOf(await client.refresh(successor.refreshToken))).toBe('REVOKED');
    const events = await execute(
      instance,
      `select type from security_events where user_id = '${id}' and type = 'token_reused'`,
    );
    expect(events).toHaveLength(1);
  });

  test('SimpleJWT 3: no token is stored, nor a part that would make one', async () => {
    const { username } = await newcomer();
    const { accessToken, refreshToken } = await client.signIn(username);
    const second = refreshed(await client.refresh(refreshToken));
    const rows = await stored();
    expect(rows).toContain(String(claimsOf(refreshToken)['jti']));
    for (const token of [accessToken, refreshToken, second.accessToken, second.refreshToken]) {
      const [, payload = '', signature = ''] = token.split('.');
      expect(rows).not.toContain(payload);
      expect(rows).not.toContain(signature);
    }
  });

  test('SimpleJWT 4: a correctly signed token without a jti is refused, not a fault of the server', async () => {
    const { username } = await newcomer();
    const { refreshToken } = await client.signIn(username);
    const { jti: _jti, ...claims } = claimsOf(refreshToken);
    const answer = await client.refresh(forge(claims, instance.config.tokens.signingKey ?? ''));
    expect(reasonOf(answer)).toBe('MALFORMED');
  });

  test('SimpleJWT 5: a demoted admin is one no more with the next refresh, and the old access token is dead', async () => {
    const { id, username } = await newcomer();
    await change(id, "role = 'ADMIN'");
    const { accessToken, refreshToken } = await client.signIn(username);
    expect(claimsOf(accessToken)['role']).toBe('admin');
    await change(id, "role = 'USER'");
    const pair = refreshed(await client.refresh(refreshToken));
    expect(claimsOf(pair.accessToken)['role']).toBe('user');
    const answer = await client.query('mutation ($t: String!) { verifyToken(token: $t) { jti } }', { t: accessToken });
    expect(reasonOf(answer)).toBe('REVOKED');
  });

  test('SimpleJWT 6: an access token does not outlive a log-out, there is one everywhere, and verify looks at the user', async () => {
    const { id, username } = await newcomer();
    const other = instance.client();
    await other.signIn(username);
    const { accessToken } = await client.signIn(username);
    await client.data('mutation { logout(all: true) { sessionsEnded } }');
    expect((await client.error(me)).extensions.reason).toBe('REVOKED');
    expect((await other.error(me)).extensions.reason).toBe('REVOKED');
    await change(id, 'is_active = false');
    const answer = await client.query('mutation ($t: String!) { verifyToken(token: $t) { jti } }', { t: accessToken });
    expect(reasonOf(answer)).toBe('USER_INACTIVE');
  });

  test('SimpleJWT 7: a request reads no blacklist, and what has expired is deleted in batches', async () => {
    const { username } = await newcomer();
    await client.signIn(username);
    instance.takeStatements();
    await client.query('{ __typename }');
    expect(instance.takeStatements()).toEqual([]);
    await execute(
      instance,
      `insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at)
      select gen_random_uuid(), id, user_id, created_at, '2001-01-01' from sessions, generate_series(1, 1100) limit 1100`,
    );
    instance.takeStatements();
    const { refreshTokens } = await instance.app.services.flush.flush(instance.app.database.fork());
    expect(refreshTokens).toBeGreaterThanOrEqual(1100);
    const deletions = instance.takeStatements().filter((statement) => /delete from "?refresh_tokens/.test(statement));
    expect(deletions.length).toBeGreaterThanOrEqual(2);
  });

  test('SimpleJWT 8: no claim tells anything of the password or its hash', async () => {
    const { id, username } = await newcomer();
    const { accessToken, refreshToken } = await client.signIn(username);
    const known = ['token_type', 'exp', 'iat', 'jti', 'user_id', 'sid'];
    expect(Object.keys(claimsOf(refreshToken)).sort()).toEqual([...known].sort());
    expect(Object.keys(claimsOf(accessToken)).sort()).toEqual(
      [...known, 'role', 'email', 'token_version', 'amr', 'auth_time'].sort(),
    );
    const [row] = await execute<{ password_hash: string }>(
      instance,
      `select password_hash from users where id = '${id}'`,
    );
    expect(Object.values(claimsOf(accessToken)).map(String)).not.toContain(row?.password_hash);
  });
});

describe('a defect of a peer that is not ours, in the keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test('Saleor: beside RS256 no HS256 token is accepted, whatever secret has signed it', async () => {
    const instance = await appOfTest('pglite', { env: { JWT_ALGORITHM: 'RS256', JWT_SIGNING_KEY: privatePem } });
    const client = instance.client();
    await client.register('alice');
    const claims = claimsOf((await client.signIn('alice')).accessToken);
    for (const secret of [publicPem, privatePem, 'secret', '']) {
      client.token = forge(claims, secret);
      expect((await client.error(me)).extensions.reason).toBe('MALFORMED');
    }
  });

  test.each([
    ['accounts-js: there is no secret by default', {}, 'is required in production'],
    ['accounts-js: a guessable secret stops the start', { JWT_SIGNING_KEY: 'secret' }, 'at least 32 bytes'],
  ])('%s', (_name, variables, rule) => {
    const production = { ...mailed, NODE_ENV: 'production', ...variables };
    expect(() => loadConfig(production)).toThrow(ConfigError);
    expect(() => loadConfig(production)).toThrow(rule);
  });

  test('Keystone: the secret made at the first start is kept, so that a restart ends no session', async () => {
    const dataDir = await createDataDir();
    const env = { DATA_DIR: dataDir.path, JWT_SIGNING_KEY: '' };
    const first = await appOfTest('postgres', { env });
    await first.client().register('alice');
    const { accessToken } = await first.client().signIn('alice');
    const second = await appOfTest('postgres', { env, database: first.database, clock: first.clock });
    const client = second.client();
    client.token = accessToken;
    expect(await client.data('{ me { username } }')).toEqual({ me: { username: 'alice' } });
    await dataDir.remove();
  });
});
