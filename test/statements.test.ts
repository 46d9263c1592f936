import { exportedTables } from '../src/modules/index.js';
import { createTestApp, type TestApp } from './support/app.js';
import { type Pair, passwordOf, type TestClient } from './support/client.js';
import { ordinaryDatabaseKinds } from './support/databases.js';

const nobody = '00000000-0000-7000-8000-000000000000';
const pair = '... on TokenPair { accessToken user { id email } }';
const post = 'id title status author { id username }';
const list = `nodes { ${post} } edges { cursor node { ${post} } } pageInfo { hasNextPage hasPreviousPage }`;

/** What an operation may use: made before the statements are counted. */
interface Given {
  readonly client: TestClient;
  readonly tokens: Pair;
  readonly postId: string;
  readonly sessionId: string;
  /** Of the user who is signed in. */
  readonly userId: string;
  /** The id of their other session's refresh token. */
  readonly jti: string;
}

type Operation = readonly [name: string, operation: (given: Given) => string, statements: number];

const signedIn: readonly Operation[] = [
  ['nothing but who asks', () => '{ __typename }', 0],
  ['me', () => '{ me { id username email role createdAt lastLoginAt } }', 1],
  ['me, with posts and their author', () => `{ me { id posts { nodes { ${post} } } } }`, 2],
  ['user', () => '{ user(username: "alice") { id email } }', 1],
  ['user, of a name that is none', () => '{ user(username: "\\u0000") { id } }', 0],
  ['sessions', () => '{ sessions { id current ipAddress } }', 1],
  ['post', ({ postId }) => `{ post(id: "${postId}") { id title body } }`, 1],
  ['post, with its author', ({ postId }) => `{ post(id: "${postId}") { ${post} } }`, 2],
  ['post, of an id that is none', () => '{ post(id: "1") { id } }', 0],
  ['posts', () => '{ posts { nodes { id title body } } }', 1],
  ['posts, with authors', () => `{ posts { ${list} } }`, 2],
  ['posts, with authors and the count', () => `{ posts { ${list} totalCount } }`, 3],
  [
    'posts, searched for',
    () => '{ posts(filter: { search: "title" }, orderBy: { field: RELEVANCE, direction: DESC }) { nodes { id } } }',
    1,
  ],
  ['createPost', () => 'mutation { createPost(input: { title: "t", body: "b" }) { id } }', 1],
  ['createPost, with its author', () => `mutation { createPost(input: { title: "t", body: "b" }) { ${post} } }`, 2],
  ['createPost, of broken input', () => 'mutation { createPost(input: { title: "", body: "b" }) { id } }', 0],
  ['updatePost', ({ postId }) => `mutation { updatePost(id: "${postId}", input: { title: "u" }) { id } }`, 2],
  ['updatePost, to nothing new', ({ postId }) => `mutation { updatePost(id: "${postId}", input: {}) { id } }`, 1],
  ['updatePost, of no post', () => `mutation { updatePost(id: "${nobody}", input: { title: "u" }) { id } }`, 1],
  ['updatePost, of an id that is none', () => 'mutation { updatePost(id: "1", input: { title: "u" }) { id } }', 0],
  ['deletePost', ({ postId }) => `mutation { deletePost(id: "${postId}") { id } }`, 2],
  ['refreshToken', ({ tokens }) => `mutation { refreshToken(refreshToken: "${tokens.refreshToken}") { ${pair} } }`, 1],
  ['refreshToken, of garbage', () => `mutation { refreshToken(refreshToken: "garbage") { ${pair} } }`, 0],
  ['verifyToken, access', ({ tokens }) => `mutation { verifyToken(token: "${tokens.accessToken}") { jti } }`, 1],
  ['verifyToken, refresh', ({ tokens }) => `mutation { verifyToken(token: "${tokens.refreshToken}") { jti } }`, 1],
  ['verifyToken, garbage', () => 'mutation { verifyToken(token: "garbage") { jti } }', 0],
  ['revokeToken', ({ tokens }) => `mutation { revokeToken(token: "${tokens.accessToken}") }`, 1],
  ['revokeToken, of garbage', () => 'mutation { revokeToken(token: "garbage") }', 0],
  ['logout', () => 'mutation { logout { sessionsEnded } }', 1],
  [
    'logout, of a token',
    ({ tokens }) => `mutation { logout(refreshToken: "${tokens.refreshToken}") { sessionsEnded } }`,
    1,
  ],
  ['logout, everywhere', () => 'mutation { logout(all: true) { sessionsEnded } }', 1],
  ['revokeSession', ({ sessionId }) => `mutation { revokeSession(id: "${sessionId}") { id } }`, 2],
  ['passkeys', () => '{ me { id passkeys { id name } } }', 2],
  ['startPasskeyRegistration', () => 'mutation { startPasskeyRegistration { token } }', 4],
  ['removePasskey, of an id that is none', () => 'mutation { removePasskey(id: "1") { id } }', 0],
  ['requestEmailVerification', () => 'mutation { requestEmailVerification }', 3],
  ['exportMyData', () => '{ exportMyData }', exportedTables.length + 2],
  ['revokeSession, of an id that is none', () => 'mutation { revokeSession(id: "1") { id } }', 0],
];

const obtain = (password: string) =>
  `mutation { obtainToken(input: { username: "alice", password: "${password}" }) { ${pair} } }`;
const register = (username: string) =>
  `mutation { register(input: { username: "${username}", email: "${username}@example.com", password: "${passwordOf('x')}" }) { id email } }`;

const reset = (name: string) => `mutation { requestPasswordReset(email: "${name}@example.com") }`;

const sessions = 'sessions { nodes { id current } }';

/** By an admin, to the signed-in user; the beginning and the end of a transaction aside. */
const administrative: readonly Operation[] = [
  ['users', () => '{ users { nodes { id email active } pageInfo { hasNextPage } } }', 1],
  ['users, with sessions and the count', () => `{ users { totalCount nodes { id ${sessions} } } }`, 3],
  ['users, searched for', () => '{ users(filter: { search: "ali" }) { nodes { id } } }', 1],
  ['users, searched for what is no word', () => '{ users(filter: { search: "%" }) { nodes { id } totalCount } }', 0],
  ['outstandingTokens', () => '{ outstandingTokens { nodes { jti status } } }', 1],
  ['outstandingTokens, with users', () => '{ outstandingTokens { nodes { jti user { id email } } } }', 2],
  [
    'outstandingTokens, of an id that is none',
    () => '{ outstandingTokens(filter: { userId: "1" }) { totalCount } }',
    0,
  ],
  ['blacklistToken', ({ jti }) => `mutation { blacklistToken(jti: "${jti}") { jti } }`, 3],
  ['blacklistToken, of an id that is none', () => 'mutation { blacklistToken(jti: "1") { jti } }', 0],
  ['setUserRole', ({ userId }) => `mutation { setUserRole(id: "${userId}", role: ADMIN) { id role } }`, 2],
  ['setUserRole, to the same', ({ userId }) => `mutation { setUserRole(id: "${userId}", role: USER) { id } }`, 2],
  ['setUserActive', ({ userId }) => `mutation { setUserActive(id: "${userId}", active: false) { id active } }`, 2],
  ['setUserActive, to the same', ({ userId }) => `mutation { setUserActive(id: "${userId}", active: true) { id } }`, 2],
  ['setUserActive, of an id that is none', () => 'mutation { setUserActive(id: "1", active: true) { id } }', 0],
  ['revokeUserSessions', ({ userId }) => `mutation { revokeUserSessions(userId: "${userId}") { sessionsEnded } }`, 2],
];

const anonymous: readonly Operation[] = [
  ['me', () => '{ me { id } }', 0],
  ['sessions', () => '{ sessions { id } }', 0],
  ['users', () => '{ users { nodes { id } } }', 0],
  ['blacklistToken', ({ jti }) => `mutation { blacklistToken(jti: "${jti}") { jti } }`, 0],
  ['posts, with authors', () => `{ posts { ${list} } }`, 2],
  ['createPost', () => 'mutation { createPost(input: { title: "t", body: "b" }) { id } }', 0],
  ['updatePost', ({ postId }) => `mutation { updatePost(id: "${postId}", input: { title: "u" }) { id } }`, 0],
  ['deletePost', ({ postId }) => `mutation { deletePost(id: "${postId}") { id } }`, 0],
  ['register', () => register('newcomer'), 1],
  ['register, of a name that is taken', () => register('alice'), 2],
  ['requestPasswordReset', () => reset('alice'), 3],
  ['requestPasswordReset, of an address that nobody has', () => reset('nobody'), 3],
  ['deleteAccount', () => 'mutation { deleteAccount(password: "p") }', 0],
  ['obtainToken', () => obtain(passwordOf('alice')), 4],
  ['startPasskeySignIn', () => 'mutation { startPasskeySignIn { token options } }', 0],
  ['obtainToken, with a wrong password', () => obtain('a wrong guess'), 3],
];

describe.each(ordinaryDatabaseKinds)('the number of statements, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    for (const name of ['alice', 'bob']) await instance.client().register(name);
  });
  afterAll(() => instance.stop());

  const write = async (client: TestClient, title: string): Promise<string> => {
    const { createPost } = await client.data<{ createPost: { id: string } }>(
      'mutation ($title: String!) { createPost(input: { title: $title, body: "b" }) { id } }',
      { title },
    );
    return createPost.id;
  };
  const given = async (): Promise<Given> => {
    const [client, other] = [instance.client(), instance.client()];
    await client.signIn('alice');
    const tokens = await other.signIn('alice');
    const { sessions } = await other.data<{ sessions: { id: string; current: boolean }[] }>(
      '{ sessions { id current } }',
    );
    const sessionId = sessions.find(({ current }) => current)?.id ?? 'none';
    const claims: { jti: string } = JSON.parse(
      Buffer.from(tokens.refreshToken.split('.')[1] ?? '', 'base64url').toString(),
    );
    return {
      client,
      tokens,
      sessionId,
      userId: tokens.user.id,
      jti: claims.jti,
      postId: await write(client, 'a title'),
    };
  };
  const count = async (client: TestClient, operation: string): Promise<number> => {
    instance.takeStatements();
    await client.query(operation);
    return instance.takeStatements().length;
  };

  test.each(signedIn)('for the signed-in: %s', async (_name, operation, statements) => {
    const things = await given();
    expect(await count(things.client, operation(things))).toBe(statements);
  });

  describe('for admins', () => {
    let root: TestClient;

    beforeAll(async () => {
      const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
      await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
      root = instance.client();
      await root.signIn('root');
    });
    afterEach(async () => {
      await instance.app.database
        .fork()
        .execute("update users set role = 'USER', is_active = true where username = 'alice'");
    });

    test.each(administrative)('%s', async (_name, operation, statements) => {
      const things = await given();
      instance.takeStatements();
      await root.data(operation(things)).catch(() => undefined);
      const counted = instance.takeStatements().filter((statement) => !/^(begin|commit)/.test(statement));
      expect(counted).toHaveLength(statements);
    });
  });

  test.each(anonymous)('for the anonymous: %s', async (_name, operation, statements) => {
    expect(await count(instance.client(), operation(await given()))).toBe(statements);
  });

  test("one that loads the post decides about somebody else's", async () => {
    const { postId } = await given();
    const bob = instance.client();
    await bob.signIn('bob');
    expect(await count(bob, `mutation { updatePost(id: "${postId}", input: { title: "u" }) { id } }`)).toBe(1);
    expect(await count(bob, `mutation { deletePost(id: "${postId}") { id } }`)).toBe(1);
  });

  test('a token costs none, whatever it is worth: revocation is checked in memory', async () => {
    const { client, tokens } = await given();
    const read = '{ posts { nodes { id } } }';
    const unsigned = await count(instance.client(), read);
    expect(await count(client, read)).toBe(unsigned);
    await client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token: tokens.accessToken });
    client.token = tokens.accessToken;
    expect(await count(client, read)).toBe(unsigned);
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
  });

  test('a lost answer is repeated with one more', async () => {
    const { client, tokens } = await given();
    const refresh = `mutation { refreshToken(refreshToken: "${tokens.refreshToken}") { accessToken } }`;
    expect(await count(client, refresh)).toBe(1);
    expect(await count(client, refresh)).toBe(2);
  });

  test('100 posts of 100 authors take no more than one post of one', async () => {
    await instance.app.database.fork().execute(`
      with authors as (
        insert into users (id, username, email, password_hash, role, created_at)
        select gen_random_uuid(), 'author' || n, 'author' || n || '@example.com', '', 'USER', now()
        from generate_series(1, 100) n
        returning id
      )
      insert into posts (id, author_id, title, body, status, created_at, updated_at)
      select gen_random_uuid(), id, 'many', 'b', 'PUBLISHED', now() + interval '1 day', now() from authors`);
    const client = instance.client();
    const operation =
      '{ posts(first: 100) { nodes { title author { username posts(first: 1) { nodes { title } } } } } }';
    instance.takeStatements();
    const { posts } = await client.data<{ posts: { nodes: { author: { username: string } }[] } }>(operation);
    expect(instance.takeStatements()).toHaveLength(3);
    expect(new Set(posts.nodes.map(({ author }) => author.username)).size).toBe(100);
  });
});
