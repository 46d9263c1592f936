import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { minute } from './support.js';

const list = `query ($username: String!, $first: Int, $after: String, $last: Int, $before: String) {
  user(username: $username) {
    sessions(first: $first, after: $after, last: $last, before: $before) {
      nodes { id userAgent current } totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
  }
}`;

interface Page {
  readonly nodes: { id: string; userAgent: string; current: boolean }[];
  readonly totalCount: number;
  readonly pageInfo: { startCursor: string; endCursor: string; hasNextPage: boolean; hasPreviousPage: boolean };
}

describe.each(ordinaryDatabaseKinds)('the sessions of a user, on %s', (kind) => {
  let instance: TestApp;
  let root: TestClient;
  let alice: TestClient;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    root = instance.client();
    await root.signIn('root');
    alice = instance.client();
    await alice.register('alice');
    for (const device of ['phone', 'tablet', 'laptop']) {
      instance.clock.advance(minute);
      alice.headers = { 'user-agent': device };
      await alice.signIn('alice');
    }
    // One that has ended, and is in no list.
    const lost = instance.client();
    await lost.signIn('alice');
    await lost.data('mutation { logout { sessionsEnded } }');
  });
  afterAll(() => instance.stop());

  const page = async (client: TestClient, variables: object = {}): Promise<Page> => {
    const { user } = await client.data<{ user: { sessions: Page } }>(list, { username: 'alice', ...variables });
    return user.sessions;
  };
  const devices = ({ nodes }: Page) => nodes.map(({ userAgent }) => userAgent);

  test('are the live ones, newest first, a page at a time, both ways', async () => {
    expect(devices(await page(root))).toEqual(['laptop', 'tablet', 'phone']);
    const first = await page(root, { first: 2 });
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = await page(root, { first: 2, after: first.pageInfo.endCursor });
    expect(devices(second)).toEqual(['phone']);
    expect(devices(await page(root, { last: 1, before: second.pageInfo.startCursor }))).toEqual(['tablet']);
  });

  test('mark the one that the request belongs to, and none for an admin', async () => {
    const currents = ({ nodes }: Page) => nodes.map(({ current }) => current);
    expect(currents(await page(alice))).toEqual([true, false, false]);
    expect(currents(await page(root))).toEqual([false, false, false]);
  });

  test('are for the user and admins: others are refused', async () => {
    const bob = instance.client();
    await bob.register('bob');
    await bob.signIn('bob');
    const { data, errors } = await bob.query(list, { username: 'alice' });
    expect(data).toEqual({ user: null });
    expect(errors).toMatchObject([{ path: ['user', 'sessions'], extensions: { code: 'FORBIDDEN' } }]);
    const stranger = await instance.client().error(list, { username: 'alice' });
    expect(stranger.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
  });

  test('refuse a cursor of another user’s list, and tell every broken rule', async () => {
    const { endCursor } = (await page(root, { first: 1 })).pageInfo;
    const error = await root.error(list, { username: 'root', after: endCursor });
    expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] });
    const broken = await root.error(list, { username: 'alice', first: -1, last: 101 });
    expect(broken.extensions).toMatchObject({ issues: [{ path: ['first'] }, { path: ['last'] }, { path: ['last'] }] });
  });

  test('of all users of a page take one statement', async () => {
    instance.takeStatements();
    await root.data('{ users { nodes { username sessions { nodes { id current } } } } }');
    expect(instance.takeStatements()).toHaveLength(2);
  });
});
