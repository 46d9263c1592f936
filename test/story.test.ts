import jwt from 'jsonwebtoken';
import { createTestApp, type TestApp } from './support/app.js';
import { passwordOf, type TestClient } from './support/client.js';
import { testDatabaseKinds } from './support/databases.js';

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe.each(testDatabaseKinds)('the story that the seeds tell, on %s', (kind) => {
  let instance: TestApp;
  let alice: TestClient;
  let bob: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    [alice, bob, admin] = [instance.client(), instance.client(), instance.client()];
  });
  afterAll(() => instance.stop());

  const title = 'mutation ($id: ID!, $title: String!) { updatePost(id: $id, input: { title: $title }) { title } }';
  const create =
    'mutation ($title: String!) { createPost(input: { title: $title, body: "…" }) { id author { username } } }';
  const write = async (client: TestClient, text: string) =>
    (await client.data<{ createPost: { id: string; author: { username: string } } }>(create, { title: text }))
      .createPost;

  test('a superuser is created, signs in and calls a protected field', async () => {
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    await admin.signIn('root');
    expect(await admin.data('{ me { username role email } }')).toEqual({
      me: { username: 'root', role: 'ADMIN', email: 'root@example.com' },
    });
  });

  test('nobody gets at the protected field without a token', async () => {
    const error = await instance.client().error('{ me { id } }');
    expect(error.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
    expect(error.path).toEqual(['me']);
  });

  test('the claims are those of the contract', async () => {
    const user = await alice.register('alice');
    const pair = await alice.signIn('alice');
    const seconds = Math.floor(instance.clock.now() / 1000);
    const access = jwt.decode(pair.accessToken, { complete: true });
    const refresh = jwt.decode(pair.refreshToken, { complete: true });
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(access?.header).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(access?.payload).toEqual({
      token_type: 'access',
      exp: seconds + 300,
      iat: seconds,
      jti: uuid,
      user_id: user.id,
      sid: uuid,
      role: 'user',
      email: 'alice@example.com',
      token_version: 0,
      amr: ['pwd'],
      auth_time: seconds,
    });
    expect(refresh?.payload).toEqual({
      token_type: 'refresh',
      exp: seconds + 86_400,
      iat: seconds,
      jti: uuid,
      user_id: user.id,
      sid: claimsOf(pair.accessToken)['sid'],
    });
    expect(pair).toMatchObject({
      tokenType: 'Bearer',
      accessTokenExpiresAt: new Date((seconds + 300) * 1000).toISOString(),
      refreshTokenExpiresAt: new Date((seconds + 86_400) * 1000).toISOString(),
    });
  });

  test('a refresh answers with a new pair, and the old token is refused', async () => {
    const pair = await alice.signIn('alice');
    const first = await alice.refresh(pair.refreshToken);
    expect(first.errors).toEqual([]);
    expect(first.data?.refreshToken.refreshToken).not.toBe(pair.refreshToken);
    instance.clock.advance(10_000);
    const again = await alice.refresh(pair.refreshToken);
    expect(again.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason: 'REUSED' });
    const successor = await alice.refresh(first.data?.refreshToken.refreshToken ?? '');
    expect(successor.errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason: 'REVOKED' });
  });

  test('a log-out ends one session, a log-out everywhere all of them', async () => {
    const [here, there, elsewhere] = [instance.client(), instance.client(), instance.client()];
    await here.signIn('alice');
    const pair = await there.signIn('alice');
    await elsewhere.signIn('alice');
    expect(await here.data('mutation { logout { sessionsEnded } }')).toEqual({ logout: { sessionsEnded: 1 } });
    expect((await here.error('{ me { id } }')).extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'REVOKED' });
    expect(await there.data('{ me { username } }')).toEqual({ me: { username: 'alice' } });
    const { logout } = await elsewhere.data<{ logout: { sessionsEnded: number } }>(
      'mutation { logout(all: true) { sessionsEnded } }',
    );
    expect(logout.sessionsEnded).toBeGreaterThanOrEqual(2);
    expect((await there.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect((await there.refresh(pair.refreshToken)).errors[0]?.extensions.reason).toBe('REVOKED');
  });

  test("Alice edits her post and cannot edit Bob's, the admin edits both", async () => {
    await bob.register('bob');
    await bob.signIn('bob');
    await alice.signIn('alice');
    const hers = await write(alice, 'by Alice');
    const his = await write(bob, 'by Bob');
    expect(hers.author.username).toBe('alice');
    expect(await alice.data(title, { id: hers.id, title: 'edited' })).toEqual({ updatePost: { title: 'edited' } });
    expect((await alice.error(title, { id: his.id, title: 'edited' })).extensions.code).toBe('FORBIDDEN');
    expect((await instance.client().error(title, { id: his.id, title: 'x' })).extensions.code).toBe('UNAUTHENTICATED');
    await admin.signIn('root');
    for (const { id } of [hers, his]) {
      expect(await admin.data(title, { id, title: 'by the admin' })).toEqual({ updatePost: { title: 'by the admin' } });
    }
  });
});
