import jwt from 'jsonwebtoken';
import { execute, minute } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';

const second = 1_000;
const claimsOf = (token: string | null | undefined) => jwt.decode(token ?? '', { json: true }) ?? {};

/** What SimpleJWT's tests ask for, and no other test here. */
describe.each(testDatabaseKinds)("cases of SimpleJWT's, on %s", (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  test.each([
    ['obtainToken', 'username', 'mutation { obtainToken(input: { password: "secret" }) { __typename } }'],
    ['obtainToken', 'password', 'mutation { obtainToken(input: { username: "alice" }) { __typename } }'],
    ['obtainToken', 'its input', 'mutation { obtainToken { __typename } }'],
    ['verifyToken', 'its token', 'query { verifyToken { jti } }'],
    ['revokeToken', 'its token', 'mutation { revokeToken }'],
  ])('%s is refused without %s, before anything runs', async (_operation, _what, query) => {
    instance.takeStatements();
    const answer = await instance.client().query(query);
    expect(answer.data).toBeUndefined();
    expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
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
