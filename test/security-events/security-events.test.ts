import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { record } from './support.js';

interface Node {
  readonly id: string;
  readonly type: string;
  readonly detail: string | null;
  readonly createdAt: string;
}

interface Page {
  readonly nodes: readonly Node[];
  readonly totalCount: number;
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

const page = `nodes { id type detail createdAt } totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
const all = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: SecurityEventFilter) {
  securityEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ${page} }
}`;
const mine = `query ($first: Int, $after: String) { mySecurityEvents(first: $first, after: $after) { ${page} } }`;
const nobody = '00000000-0000-7000-8000-000000000000';

describe.each(ordinaryDatabaseKinds)('security events through the app, on %s', (kind) => {
  let instance: TestApp;
  let admin: TestClient;
  let alice: TestClient;
  let ids: { admin: string; alice: string; bob: string };

  beforeAll(async () => {
    instance = await createTestApp(kind);
    [admin, alice] = [instance.client(), instance.client()];
    const input = { username: 'admin', email: 'admin@example.com', password: passwordOf('admin') };
    const registered = await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const { id } = await alice.register('alice');
    ids = { admin: registered.id, alice: id, bob: (await alice.register('bob')).id };
    await admin.signIn('admin');
    await alice.signIn('alice');
    // Of types that signing in does not write.
    for (let number = 1; number <= 5; number += 1) {
      // Two of them at the same instant.
      if (number !== 4) instance.clock.advance(1_000);
      await record(instance, { type: 'email_changed', userId: ids.bob, detail: String(number) });
    }
    await record(instance, {
      type: 'token_blacklisted',
      userId: ids.alice,
      actorId: ids.admin,
      sessionId: nobody,
      ipAddress: '203.0.113.7',
      userAgent: 'the browser of the admin',
      detail: 'a jti',
    });
    await record(instance, {
      type: 'password_changed',
      userId: ids.alice,
      actorId: ids.alice,
      ipAddress: '192.0.2.1',
      userAgent: 'a phone',
    });
    await record(instance, { type: 'sign_in_failed', userId: ids.alice, ipAddress: '198.51.100.9' });
  });
  afterAll(() => instance.stop());

  const read = async (variables: object = {}): Promise<Page> =>
    (await admin.data<{ securityEvents: Page }>(all, variables)).securityEvents;
  const ofBob = (variables: object = {}) => read({ ...variables, filter: { userId: ids.bob } });
  const details = ({ nodes }: Page) => nodes.map(({ detail }) => Number(detail));

  test('come newest first, those of one instant by their ids', async () => {
    const { nodes, totalCount } = await ofBob();
    const keys = nodes.map(({ createdAt, id }) => `${createdAt} ${id}`);
    expect(keys).toEqual(keys.toSorted().reverse());
    expect(totalCount).toBe(5);
    expect(nodes[2]?.createdAt).toBe(nodes[1]?.createdAt);
  });

  test('are read page by page, from either end', async () => {
    const whole = details(await ofBob());
    const first = await ofBob({ first: 2 });
    const second = await ofBob({ first: 2, after: first.pageInfo.endCursor });
    const third = await ofBob({ first: 2, after: second.pageInfo.endCursor });
    expect([first, second, third].flatMap(details)).toEqual(whole);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, true, true]);
    expect(details(await ofBob({ last: 2 }))).toEqual(whole.slice(-2));
    expect(details(await ofBob({ last: 2, before: third.pageInfo.startCursor }))).toEqual(whole.slice(2, 4));
  });

  test.each<[string, () => object, number]>([
    ['a type', () => ({ type: 'email_changed' }), 5],
    ['a user', () => ({ userId: ids.bob }), 5],
    ['a user, in capitals', () => ({ userId: ids.bob.toUpperCase() }), 5],
    ['both', () => ({ userId: ids.alice, type: 'password_changed' }), 1],
    ['both, of which one does not fit', () => ({ userId: ids.bob, type: 'password_changed' }), 0],
    ['nulls, which are no condition, and a type', () => ({ userId: null, type: 'token_blacklisted' }), 1],
    ['an id of nobody', () => ({ userId: nobody }), 0],
    ['an id that is none', () => ({ userId: '1' }), 0],
    ['a word that is no type', () => ({ type: 'no_such_type' }), 0],
    ['a word that every object has', () => ({ type: 'constructor' }), 0],
    ['what no text can be', () => ({ type: '\0' }), 0],
    ['nothing at all', () => ({ type: '' }), 0],
  ])('filtered by %s', async (_name, filter, count) => {
    const { nodes, totalCount } = await read({ filter: filter(), first: 100 });
    expect([nodes.length, totalCount]).toEqual([count, count]);
  });

  test('without a filter are those of everybody', async () => {
    const types = (await read({ first: 100 })).nodes.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['email_changed', 'token_blacklisted', 'sign_in_failed']));
  });

  test('break no rule unheard', async () => {
    const { extensions } = await admin.error(all, { first: 101, last: 1 });
    expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['first'] }, { path: ['last'] }] });
    expect((await alice.error(mine, { first: -1 })).extensions).toMatchObject({ issues: [{ path: ['first'] }] });
  });

  test("refuse a cursor of another list: another filter's, or somebody's own", async () => {
    const { endCursor } = (await ofBob({ first: 1 })).pageInfo;
    const refused = { code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] };
    expect((await admin.error(all, { after: endCursor })).extensions).toMatchObject(refused);
    expect((await alice.error(mine, { after: endCursor })).extensions).toMatchObject(refused);
  });

  test('are for admins, and those of oneself for everybody who is signed in', async () => {
    expect((await alice.error(all)).extensions.code).toBe('FORBIDDEN');
    expect((await instance.client().error(all)).extensions.code).toBe('UNAUTHENTICATED');
    expect((await instance.client().error(mine)).extensions.code).toBe('UNAUTHENTICATED');
    const { mySecurityEvents } = await alice.data<{ mySecurityEvents: Page }>(mine);
    const types = mySecurityEvents.nodes.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['token_blacklisted', 'password_changed', 'sign_in_failed']));
    expect(types).not.toContain('email_changed');
    expect(types).toHaveLength(mySecurityEvents.totalCount);
  });

  const everything = 'type user { username } actor { username } sessionId ipAddress userAgent detail';

  test('tell an admin all that is known', async () => {
    const filter = `{ userId: "${ids.alice}", type: "token_blacklisted" }`;
    expect(await admin.data(`{ securityEvents(filter: ${filter}) { nodes { ${everything} } } }`)).toEqual({
      securityEvents: {
        nodes: [
          {
            type: 'token_blacklisted',
            user: { username: 'alice' },
            actor: { username: 'admin' },
            sessionId: nobody,
            ipAddress: '203.0.113.7',
            userAgent: 'the browser of the admin',
            detail: 'a jti',
          },
        ],
      },
    });
  });

  test('tell the user from where it came, but where an admin sat', async () => {
    const { mySecurityEvents } = await alice.data<{ mySecurityEvents: { nodes: { type: string }[] } }>(
      `{ mySecurityEvents(first: 3) { nodes { ${everything} } } }`,
    );
    const byType = Object.fromEntries(mySecurityEvents.nodes.map((node) => [node.type, node]));
    expect(byType['token_blacklisted']).toMatchObject({
      actor: { username: 'admin' },
      ipAddress: null,
      userAgent: null,
      detail: 'a jti',
    });
    expect(byType['password_changed']).toMatchObject({ ipAddress: '192.0.2.1', userAgent: 'a phone' });
    expect(byType['sign_in_failed']).toMatchObject({ actor: null, ipAddress: '198.51.100.9' });
  });

  test("do not give the actor's address away to the user", async () => {
    const { data, errors } = await alice.query<{ mySecurityEvents: { nodes: { actor: { email: string } | null }[] } }>(
      '{ mySecurityEvents(first: 3) { nodes { actor { email } } } }',
    );
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    const emails = data.mySecurityEvents.nodes.flatMap(({ actor }) => (actor ? [actor.email] : []));
    expect(emails.toSorted()).toEqual(['alice@example.com', null]);
  });

  test('outlive their user, who is then null', async () => {
    const { id } = await instance.client().register('shortlived');
    await record(instance, { type: 'user_activated', userId: id, actorId: id });
    await instance.app.database.fork().execute(`delete from users where id = '${id}'`);
    const filter = `{ userId: "${id}", type: "user_activated" }`;
    expect(
      await admin.data(`{ securityEvents(filter: ${filter}) { nodes { type user { id } actor { id } } } }`),
    ).toEqual({ securityEvents: { nodes: [{ type: 'user_activated', user: null, actor: null }] } });
  });

  test.each([
    ['{ securityEvents(first: 50) { nodes { id } } }', 1],
    ['{ securityEvents(first: 50) { nodes { id user { username } actor { username } } } }', 2],
    ['{ securityEvents { totalCount } }', 1],
    ['{ securityEvents(filter: { type: "no_such_type" }) { totalCount nodes { id } } }', 0],
    ['{ mySecurityEvents { nodes { id user { username } actor { username } } } }', 2],
  ])('%s takes %i statements, however many rows there are', async (operation, count) => {
    instance.takeStatements();
    await admin.data(operation);
    expect(instance.takeStatements()).toHaveLength(count);
  });
});
