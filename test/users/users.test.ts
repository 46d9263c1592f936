import { createTestApp, type TestApp } from '../support/app.js';
import { type Answer, passwordOf, type TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';

describe.each(ordinaryDatabaseKinds)('users, on %s', (kind) => {
  let instance: TestApp;
  let anonymous: TestClient;
  let alice: TestClient;
  let bob: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    [anonymous, alice, bob, admin] = [instance.client(), instance.client(), instance.client(), instance.client()];
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    await alice.register('Alice');
    await bob.register('bob');
    await alice.signIn('Alice');
    await bob.signIn('bob');
    await admin.signIn('root');
  });
  afterAll(() => instance.stop());

  const refusals = ({ errors }: Answer<unknown>) =>
    errors.map(
      ({ path, extensions }) => `${path?.join('.')}: ${[extensions.code, extensions.reason].filter(Boolean).join(' ')}`,
    );

  describe('user(username)', () => {
    const find = async (username: string) =>
      anonymous.query('query ($username: String!) { user(username: $username) { username } }', { username });

    test.each(['Alice', 'alice', 'ALICE'])('finds %s, for names disregard case', async (username) => {
      expect((await find(username)).data).toEqual({ user: { username: 'Alice' } });
    });

    test.each([
      ['nobody', 'nobody'],
      ['an empty name', ''],
      ['a name with spaces about it', ' Alice '],
      ['a pattern', '%'],
      ['another pattern', '_lice'],
      ['an address', 'Alice@example.com'],
      ['a quote', "Alice' or '1'='1"],
      ['a NUL', 'Ali\0ce'],
      ['half a surrogate pair', '\ud800'],
      ['letters beyond ASCII', 'Ａlice'],
      ['a long name', 'a'.repeat(100_000)],
    ])('is null for %s', async (_what, username) => {
      const { data, errors } = await find(username);
      expect(errors).toEqual([]);
      expect(data).toEqual({ user: null });
    });
  });

  describe('me', () => {
    test('is the caller', async () => {
      expect(await alice.data('{ me { username role } }')).toEqual({ me: { username: 'Alice', role: 'USER' } });
      expect(await admin.data('{ me { username role } }')).toEqual({ me: { username: 'root', role: 'ADMIN' } });
    });

    test('is null with UNAUTHENTICATED for the anonymous', async () => {
      const answer = await anonymous.query('{ me { id } }');
      expect(answer.data).toEqual({ me: null });
      expect(refusals(answer)).toEqual(['me: UNAUTHENTICATED MISSING']);
    });

    test('is UNAUTHENTICATED, and no fault of the server, where the user is gone and the news has not come yet', async () => {
      const client = instance.client();
      await client.register('ghost');
      await client.signIn('ghost');
      const run = (statement: string) => instance.app.database.fork().execute(statement);
      await run('alter table users disable trigger user_deleted');
      await run('alter table sessions disable trigger session_deleted');
      await run("delete from users where username = 'ghost'");
      const answer = await client.query('{ me { id } }');
      expect(answer.data).toEqual({ me: null });
      expect(refusals(answer)).toEqual(['me: UNAUTHENTICATED REVOKED']);
      await run('alter table users enable trigger user_deleted');
      await run('alter table sessions enable trigger session_deleted');
    });
  });

  describe('private fields', () => {
    const read = '{ user(username: "alice") { username email lastLoginAt } }';
    const hidden = { username: 'Alice', email: null, lastLoginAt: null };
    const shown = () => ({
      username: 'Alice',
      email: 'Alice@example.com',
      lastLoginAt: new Date(instance.clock.now()).toISOString(),
    });

    test('answer the user and admins', async () => {
      for (const client of [alice, admin]) expect(await client.data(read)).toEqual({ user: shown() });
      expect(await alice.data('{ me { username email lastLoginAt } }')).toEqual({ me: shown() });
    });

    test('are null with FORBIDDEN for a signed-in stranger', async () => {
      const answer = await bob.query(read);
      expect(answer.data).toEqual({ user: hidden });
      expect(refusals(answer)).toEqual(['user.email: FORBIDDEN', 'user.lastLoginAt: FORBIDDEN']);
    });

    test('are null with UNAUTHENTICATED and the reason for an anonymous', async () => {
      const answer = await anonymous.query(read);
      expect(answer.data).toEqual({ user: hidden });
      expect(refusals(answer)).toEqual([
        'user.email: UNAUTHENTICATED MISSING',
        'user.lastLoginAt: UNAUTHENTICATED MISSING',
      ]);
      const broken = instance.client();
      broken.token = 'garbage';
      expect(refusals(await broken.query('{ user(username: "alice") { email } }'))).toEqual([
        'user.email: UNAUTHENTICATED MALFORMED',
      ]);
    });

    test('are refused just so where a user is found by way of a post', async () => {
      await alice.data('mutation { createPost(input: { title: "t", body: "b" }) { id } }');
      const posts = '{ posts { nodes { author { username email } } } }';
      expect(await alice.data(posts)).toMatchObject({ posts: { nodes: [{ author: { email: 'Alice@example.com' } }] } });
      const answer = await bob.query(posts);
      expect(answer.data).toEqual({ posts: { nodes: [{ author: { username: 'Alice', email: null } }] } });
      expect(refusals(answer)).toEqual(['posts.nodes.0.author.email: FORBIDDEN']);
    });

    test('answer whoever has just registered, signed in or refreshed, for that user alone', async () => {
      const client = instance.client();
      const registered = await client.query(
        'mutation ($input: RegisterInput!) { register(input: $input) { email lastLoginAt posts { nodes { id } } } }',
        { input: { username: 'carol', email: 'carol@example.com', password: passwordOf('carol') } },
      );
      expect(registered.errors).toEqual([]);
      expect(registered.data).toMatchObject({ register: { email: 'carol@example.com', lastLoginAt: null } });

      const obtained = await client.query<{ obtainToken: { refreshToken: string } }>(
        `mutation ($password: String!) {
          obtainToken(input: { username: "carol", password: $password }) {
            ... on TokenPair { refreshToken user { email lastLoginAt } }
          }
        }`,
        { password: passwordOf('carol') },
      );
      const user = { email: 'carol@example.com', lastLoginAt: new Date(instance.clock.now()).toISOString() };
      expect(obtained.errors).toEqual([]);
      expect(obtained.data).toMatchObject({ obtainToken: { user } });

      const { refreshToken } = obtained.data.obtainToken;
      const renew = `mutation ($token: String) { refreshToken(refreshToken: $token) { user { email lastLoginAt } } }`;
      for (const sender of [client, bob]) {
        const answer = await sender.query(renew, { token: refreshToken });
        expect(answer.errors).toEqual([]);
        expect(answer.data).toEqual({ refreshToken: { user } });
      }
      expect(refusals(await client.query('{ user(username: "carol") { email } }'))).toEqual([
        'user.email: UNAUTHENTICATED MISSING',
      ]);
    });
  });
});
