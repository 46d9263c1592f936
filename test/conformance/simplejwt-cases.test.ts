import jwt from 'jsonwebtoken';
import { admin } from '../administration/support.js';
import { execute, minute, reasonOf } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';

const second = 1_000;
const claimsOf = (token: string | null | undefined) => jwt.decode(token ?? '', { json: true }) ?? {};

/** What SimpleJWT's tests ask for, and no other test here. */
describe.each(ordinaryDatabaseKinds)("cases of SimpleJWT's, on %s", (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  test.each([
    ['obtainToken', 'username', 'obtainToken(input: { password: "secret" }) { __typename }'],
    ['obtainToken', 'password', 'obtainToken(input: { username: "alice" }) { __typename }'],
    ['obtainToken', 'input', 'obtainToken { __typename }'],
    ['obtainSlidingToken', 'username', 'obtainSlidingToken(input: { password: "secret" }) { token }'],
    ['obtainSlidingToken', 'password', 'obtainSlidingToken(input: { username: "alice" }) { token }'],
    ['obtainSlidingToken', 'input', 'obtainSlidingToken { token }'],
    ['refreshSlidingToken', 'token', 'refreshSlidingToken { token }'],
    ['verifyToken', 'token', 'verifyToken { jti }'],
    ['revokeToken', 'token', 'revokeToken'],
  ])('%s is refused without its %s, before anything runs', async (_operation, missing, field) => {
    instance.takeStatements();
    const { data, errors } = await instance.client().query(`mutation { ${field} }`);
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(errors[0]?.message).toMatch(new RegExp(`\\b${missing}\\b.*(required|not provided)`));
    expect(instance.takeStatements()).toEqual([]);
  });

  test('a sign-in records its refresh token, never as text, and no access token', async () => {
    await execute(instance, 'delete from sessions');
    const { accessToken, refreshToken } = await instance.client().signIn('alice');
    const [access, refresh] = [claimsOf(accessToken), claimsOf(refreshToken)];
    const rows = await execute<{ jti: string; row: string; state: string; issued: number; expires: number }>(
      instance,
      `select jti, state, extract(epoch from issued_at)::int as issued, extract(epoch from expires_at)::int as expires,
        to_jsonb(refresh_tokens)::text as row from refresh_tokens`,
    );
    expect(rows).toEqual([
      { jti: refresh.jti, state: 'ACTIVE', issued: refresh.iat, expires: refresh.exp, row: expect.any(String) },
    ]);
    expect(access.jti).not.toBe(refresh.jti);
    for (const part of refreshToken.split('.')) expect(rows[0]?.row).not.toContain(part);
  });

  test('a refresh gives both tokens their whole lifetime from that moment on', async () => {
    const client = instance.client();
    const pair = await client.signIn('alice');
    instance.clock.advance(150 * second);
    const { data, errors } = await client.refresh(pair.refreshToken);
    expect(errors).toEqual([]);
    const now = Math.floor(instance.clock.now() / second);
    const [access, refresh] = [claimsOf(data?.refreshToken.accessToken), claimsOf(data?.refreshToken.refreshToken)];
    expect(access).toMatchObject({ token_type: 'access', iat: now, exp: now + (5 * minute) / second });
    expect(refresh).toMatchObject({ token_type: 'refresh', iat: now, exp: now + 86_400 });
    const jtis = [access.jti, refresh.jti, claimsOf(pair.accessToken).jti, claimsOf(pair.refreshToken).jti];
    expect(new Set(jtis).size).toBe(4);
  });
});

describe.each(ordinaryDatabaseKinds)("the user's claim under another name, on %s", (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env: { JWT_USER_ID_CLAIM: 'email_address' } });
  });
  afterAll(() => instance.stop());

  const list = `query ($userId: ID!) {
    outstandingTokens(filter: { userId: $userId }) { nodes { jti status createdAt user { username } } }
  }`;
  const blacklist = 'mutation ($jti: ID!) { blacklistToken(jti: $jti) { status } }';

  test('whatever its name, the user’s claim is the id: a token is listed with its user and time, also once blacklisted', async () => {
    const root = await admin(instance);
    const { id } = await instance.client().register('alice');
    const createdAt = new Date(instance.clock.now()).toISOString();
    const { accessToken, refreshToken } = await instance.client().signIn('alice');
    const { jti } = claimsOf(refreshToken);
    for (const token of [accessToken, refreshToken]) expect(claimsOf(token)).toMatchObject({ email_address: id });
    const row = { jti, createdAt, user: { username: 'alice' } };
    expect(await root.client.data(list, { userId: id })).toEqual({
      outstandingTokens: { nodes: [{ ...row, status: 'ACTIVE' }] },
    });
    instance.clock.advance(minute);
    await root.client.data(blacklist, { jti });
    expect(await root.client.data(list, { userId: id })).toEqual({
      outstandingTokens: { nodes: [{ ...row, status: 'BLACKLISTED' }] },
    });
  });

  test('whatever the claim’s name, the token of a deleted user is not there to be blacklisted, and is refused', async () => {
    const root = await admin(instance, 'another-root');
    const { id } = await instance.client().register('bob');
    const { refreshToken } = await instance.client().signIn('bob');
    await execute(instance, "delete from users where username = 'bob'");
    expect(await root.client.data(list, { userId: id })).toEqual({ outstandingTokens: { nodes: [] } });
    const { jti } = claimsOf(refreshToken);
    expect((await root.client.error(blacklist, { jti })).extensions.code).toBe('NOT_FOUND');
    expect(reasonOf(await instance.client().refresh(refreshToken))).toBe('USER_INACTIVE');
  });
});
