import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { type Admin, admin } from './support.js';

const users = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter) {
  users(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    nodes { username }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;

interface Page {
  readonly users: {
    readonly nodes: { readonly username: string }[];
    readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
    readonly totalCount: number;
  };
}

describe.each(ordinaryDatabaseKinds)('the list of users, on %s', (kind) => {
  let instance: TestApp;
  let root: Admin;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    root = await admin(instance);
    await add('carol', 'carol.jones@example.com');
    await add('Bob_B', 'Bob@Work.example.org');
    await add('boss', 'boss@example.com', "'ADMIN', true");
    await add('gone', 'gone@example.com', "'ADMIN', false");
    await add('1e5abc');
    instance.clock.advance(1_000);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  const page = async (variables: object = {}) => (await root.client.data<Page>(users, variables)).users;
  const names = async (filter: object) => (await page({ filter })).nodes.map(({ username }) => username);
  const add = async (username: string, email = `${username}@example.com`, columns = "'USER', true") => {
    instance.clock.advance(1_000);
    await instance.app.database.fork().execute(
      `insert into users (id, username, email, password_hash, created_at, role, is_active)
       values (gen_random_uuid(), ?, ?, '', ?, ${columns})`,
      [username, email, new Date(instance.clock.now())],
    );
  };

  test('is newest first, a page at a time, both ways', async () => {
    const all = ['gone', 'boss', 'Bob_B', 'carol'].map((username) => ({ username }));
    const filter = { search: 'exam' };
    const first = await page({ filter, first: 2 });
    expect(first).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = await page({ filter, first: 4, after: first.pageInfo.endCursor });
    expect(second.nodes).toEqual(all);
    const back = await page({ filter, last: 2, before: second.pageInfo.startCursor });
    expect(back.nodes).toEqual(first.nodes);
  });

  test('tells users of one millisecond apart by their ids', async () => {
    await instance.app.database.fork().execute(
      `insert into users (id, username, email, password_hash, created_at, role, is_active)
       select gen_random_uuid(), 'twin' || n, n || '@twins.test', '', ?, 'USER', n > 2 from generate_series(1, 5) n`,
      [new Date(instance.clock.now() + 1_000)],
    );
    const filter = { search: 'twins' };
    const all = await names(filter);
    const walked: string[] = [];
    for (let after: string | null = null; walked.length < 5; ) {
      const { nodes, pageInfo }: Page['users'] = await page({ filter, first: 1, after });
      walked.push(...nodes.map(({ username }) => username));
      after = pageInfo.endCursor;
    }
    expect(walked).toEqual(all);
    expect(new Set(walked).size).toBe(5);
    await instance.app.database.fork().execute("delete from users where username like 'twin%'");
  });

  const everybody = ['alice', '1e5abc', 'gone', 'boss', 'Bob_B', 'carol', 'root'];

  test.each<[filter: object, names: string[]]>([
    [{}, everybody],
    [{ role: null, active: null, search: null }, everybody],
    [{ role: 'ADMIN' }, ['gone', 'boss', 'root']],
    [{ role: 'USER' }, ['alice', '1e5abc', 'Bob_B', 'carol']],
    [{ active: true }, ['alice', '1e5abc', 'boss', 'Bob_B', 'carol', 'root']],
    [{ active: false }, ['gone']],
    [{ active: false, role: 'ADMIN' }, ['gone']],
    [{ active: false, role: 'USER' }, []],
    [{ active: true, role: 'ADMIN', search: 'example' }, ['boss', 'root']],
  ])('under %j is %j', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
    expect((await page({ filter })).totalCount).toBe(expected.length);
  });

  test.each<[search: string, names: string[]]>([
    ['carol', ['carol']],
    ['CAR', ['carol']],
    ['arol', []],
    ['jones', ['carol']],
    ['jo.car', ['carol']],
    ['carol bob', []],
    ['exam', everybody],
    ['exam org', ['Bob_B']],
    ['b', ['boss', 'Bob_B']],
    ['bob@work', ['Bob_B']],
    ['1e5a', ['1e5abc']],
    ['abc', []],
    ['  carol\n', ['carol']],
    ['   ', everybody],
    ['', everybody],
    ['%', []],
    ["carol':*", ['carol']],
    ["carol':* | 'bob", []],
    ['& ! ( é', []],
    ['carol é', ['carol']],
  ])('searched for %j is %j', async (search, expected) => {
    expect(await names({ search })).toEqual(expected);
    expect((await page({ filter: { search } })).totalCount).toBe(expected.length);
  });

  test('refuses a cursor that was made under another filter, and one of another list', async () => {
    const { endCursor } = (await page({ filter: { active: true } })).pageInfo;
    for (const filter of [null, { active: false }, { active: true, search: 'a' }, { active: true, role: 'USER' }]) {
      const error = await root.client.error(users, { filter, after: endCursor });
      expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] });
    }
    const error = await root.client.error('query ($after: String) { posts(after: $after) { totalCount } }', {
      after: endCursor,
    });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('tells every broken rule at once', async () => {
    const error = await root.client.error(users, { first: 101, last: -1, filter: { search: 'x'.repeat(201) } });
    expect(error.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['first'] }, { path: ['last'] }, { path: ['filter', 'search'] }, { path: ['last'] }],
    });
  });

  test('is for admins: others are told why not', async () => {
    const alice = instance.client();
    await alice.signIn('alice');
    expect((await alice.error(users)).extensions.code).toBe('FORBIDDEN');
    expect((await instance.client().error(users)).extensions).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'MISSING',
    });
  });

  test('whether somebody is active is for them and admins, and a refusal empties the nearest nullable parent', async () => {
    const alice = instance.client();
    await alice.signIn('alice');
    const active = (username: string) => `{ user(username: "${username}") { active } }`;
    expect(await alice.data('{ me { active } }')).toEqual({ me: { active: true } });
    expect(await root.client.data(active('alice'))).toEqual({ user: { active: true } });
    const { data, errors } = await alice.query(active('root'));
    expect(data).toEqual({ user: null });
    expect(errors).toMatchObject([{ path: ['user', 'active'], extensions: { code: 'FORBIDDEN' } }]);
    expect((await instance.client().error(active('alice'))).extensions.code).toBe('UNAUTHENTICATED');
  });
});
