import { type DemoAccount, prepareDemo } from '../../src/demo/demo.js';
import { describeDemo } from '../../src/demo/demo-text.js';
import { PasswordHasher } from '../../src/modules/users/password-hasher.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';

const hasher = new PasswordHasher({ concurrency: 2, queue: 10 });

describe.each(testDatabaseKinds)('the demo on %s', (kind) => {
  let instance: TestApp;

  beforeEach(async () => {
    instance = await createTestApp(kind);
  });
  afterEach(() => instance.stop());

  const prepare = (): Promise<DemoAccount[]> =>
    prepareDemo(instance.app.database.fork(), {
      hash: (password) => hasher.hash(password),
      clock: instance.clock,
    });

  const contents = async (accounts: readonly DemoAccount[]) => {
    const client = instance.client();
    const admin = accounts.find(({ role }) => role === 'ADMIN');
    await client.signIn(admin?.username ?? '', admin?.password);
    return client.data(`{ posts(first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
      nodes { id title status author { id username role } } } }`);
  };

  test('has alice, bob and an admin, who sign in and have posts and a draft each', async () => {
    const accounts = await prepare();
    expect(accounts.map(({ username, role }) => `${username} ${role}`)).toEqual([
      'alice USER',
      'bob USER',
      'admin ADMIN',
    ]);
    for (const { username, password } of accounts) {
      const client = instance.client();
      await client.signIn(username, password);
      const { me } = await client.data<{ me: { posts: { nodes: { status: string }[] } } }>(
        '{ me { posts { nodes { status } } } }',
      );
      expect(new Set(me.posts.nodes.map(({ status }) => status))).toEqual(new Set(['DRAFT', 'PUBLISHED']));
    }
  });

  test('started again keeps users and posts, and gives new passwords', async () => {
    const first = await prepare();
    const before = await contents(first);
    instance.clock.advance(1_000);
    const second = await prepare();
    expect(await contents(second)).toEqual(before);
    for (const [index, { username, password }] of first.entries()) {
      expect(second[index]?.password).not.toBe(password);
      await expect(instance.client().signIn(username, password)).rejects.toThrow('INVALID_CREDENTIALS');
    }
  });

  test.each([
    ['address', 'mallory', 'bob@example.com'],
    ['name', 'Bob', 'bob@elsewhere.example'],
  ])('does not take over the %s of somebody else', async (_what, username, email) => {
    const password = 'correct horse of somebody';
    const client = instance.client();
    await client.data(
      `mutation { register(input: { username: "${username}", email: "${email}", password: "${password}" }) { id } }`,
    );
    await expect(prepare()).rejects.toThrow(
      'bob: cannot be made by --demo: that name or bob@example.com belongs to another account',
    );
    await client.signIn(username, password);
    expect(await client.data('{ me { email role } }')).toEqual({ me: { email, role: 'USER' } });
  });

  test('prints a table, and a sign-in that works as it stands', async () => {
    const accounts = await prepare();
    const text = describeDemo(accounts, 'http://localhost:4000');
    for (const { username, password } of accounts) expect(text).toMatch(new RegExp(`${username} .* ${password}\n`));
    const mutation = /mutation \{[\s\S]*?\n {2}\}/.exec(text)?.[0] ?? '';
    const { obtainToken } = await instance.client().data<{ obtainToken: object }>(mutation);
    expect(obtainToken).toHaveProperty('accessToken');
  });
});
