import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { type Admin, admin, administrativeEvents } from './support.js';

const userFields = 'id username email role active';
const setRole = `mutation ($id: ID!, $role: Role!) { setUserRole(id: $id, role: $role) { ${userFields} } }`;
const setActive = `mutation ($id: ID!, $active: Boolean!) { setUserActive(id: $id, active: $active) { ${userFields} } }`;
const revokeSessions = 'mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }';
const nobody = '00000000-0000-7000-8000-000000000000';
const me = '{ me { role } }';

const operations: readonly [name: string, query: string, variables: object][] = [
  ['setUserRole', setRole, { role: 'ADMIN' }],
  ['setUserActive', setActive, { active: false }],
  ['revokeUserSessions', revokeSessions, {}],
];

describe.each(ordinaryDatabaseKinds)('what admins do to accounts, on %s', (kind) => {
  let instance: TestApp;
  let root: Admin;
  let users = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    root = await admin(instance);
  });
  afterAll(() => instance.stop());

  /** A user of their own, signed in. */
  const member = async () => {
    users += 1;
    const client = instance.client();
    const username = `member${users}`;
    const { id } = await client.register(username);
    return { client, id, username, tokens: await client.signIn(username) };
  };
  const eventsOf = async (id: string) => (await administrativeEvents(instance)).filter(({ user_id: of }) => of === id);
  const event = (type: string, id: string, detail: string | null = null) => ({
    type,
    user_id: id,
    actor_id: root.id,
    session_id: null,
    detail,
  });

  test.each(operations)('%s is for admins: others are told why not', async (_name, query, variables) => {
    const { client, id } = await member();
    expect((await client.error(query, { id, ...variables })).extensions.code).toBe('FORBIDDEN');
    const { extensions } = await instance.client().error(query, { id, ...variables });
    expect(extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
    expect(await eventsOf(id)).toEqual([]);
    await client.data(me);
  });

  test.each(operations)('%s finds nobody by an id that is nobody’s', async (_name, query, variables) => {
    for (const id of [nobody, 'nobody', '']) {
      expect((await root.client.error(query, { id, ...variables })).extensions.code).toBe('NOT_FOUND');
    }
    expect(await eventsOf(nobody)).toEqual([]);
  });

  describe('setUserRole', () => {
    test('ends access tokens of the old role, and a refresh gives out one of the new', async () => {
      const { client, id, username, tokens } = await member();
      expect(await root.client.data(setRole, { id: id.toUpperCase(), role: 'ADMIN' })).toEqual({
        setUserRole: { id, username, email: `${username}@example.com`, role: 'ADMIN', active: true },
      });
      expect((await client.error(me)).extensions.reason).toBe('REVOKED');
      const { data } = await client.refresh(tokens.refreshToken);
      client.token = data?.refreshToken.accessToken ?? null;
      expect(await client.data(me)).toEqual({ me: { role: 'ADMIN' } });
      await client.data('{ users { totalCount } }');
      await root.client.data(setRole, { id, role: 'USER' });
      expect((await client.error('{ users { totalCount } }')).extensions).toMatchObject({ reason: 'REVOKED' });
      await client.signIn(username);
      expect((await client.error('{ users { totalCount } }')).extensions.code).toBe('FORBIDDEN');
      expect(await eventsOf(id)).toEqual([event('role_changed', id, 'ADMIN'), event('role_changed', id, 'USER')]);
    });

    test('without a change changes nothing, and records nothing', async () => {
      const { client, id } = await member();
      expect(await root.client.data(setRole, { id, role: 'USER' })).toMatchObject({ setUserRole: { role: 'USER' } });
      await client.data(me);
      expect(await eventsOf(id)).toEqual([]);
    });
  });

  describe('setUserActive', () => {
    test('closes an account with all that it has out, and opens it again', async () => {
      const { client, id, username, tokens } = await member();
      const other = instance.client();
      const { refreshToken } = await other.signIn(username);
      const closed = await root.client.data(setActive, { id, active: false });
      expect(closed).toMatchObject({ setUserActive: { id, username, active: false } });
      for (const one of [client, other]) expect((await one.error(me)).extensions.reason).toBe('REVOKED');
      for (const token of [tokens.refreshToken, refreshToken]) {
        expect((await client.refresh(token)).errors[0]?.extensions.code).toBe('TOKEN_NOT_VALID');
      }
      await expect(client.signIn(username)).rejects.toThrow('INVALID_CREDENTIALS');

      await root.client.data(setActive, { id, active: true });
      expect((await client.error(me)).extensions.reason).toBe('REVOKED');
      expect((await client.refresh(refreshToken)).errors[0]?.extensions.code).toBe('TOKEN_NOT_VALID');
      await client.signIn(username);
      await client.data(me);
      expect(await eventsOf(id)).toEqual([event('user_deactivated', id), event('user_activated', id)]);
    });

    test('without a change changes nothing, and records nothing', async () => {
      const { client, id } = await member();
      await root.client.data(setActive, { id, active: true });
      await client.data(me);
      expect(await eventsOf(id)).toEqual([]);
      await root.client.data(setActive, { id, active: false });
      await root.client.data(setActive, { id, active: false });
      expect(await eventsOf(id)).toEqual([event('user_deactivated', id)]);
    });

    test('of the admin’s own account still answers, and signs them out', async () => {
      const other = await admin(instance, 'second');
      const answer = await other.client.data(setActive, { id: other.id, active: false });
      expect(answer).toMatchObject({ setUserActive: { active: false, email: 'second@example.com' } });
      expect((await other.client.error(me)).extensions.reason).toBe('REVOKED');
    });
  });

  test.each<[name: string, query: string, variables: object]>([
    ['setUserRole', setRole, { role: 'ADMIN' }],
    ['setUserActive', setActive, { active: false }],
  ])('%s that fails at its commit ends no token', async (_name, query, variables) => {
    const { client, id } = await member();
    const execute = (statement: string) => instance.app.database.fork().execute(statement);
    await execute(`create function refuse_commit() returns trigger language plpgsql as $$
      begin raise exception 'the disk is full'; end $$`);
    await execute(`create constraint trigger refuse_commit after update on users
      deferrable initially deferred for each row execute function refuse_commit()`);
    expect((await root.client.error(query, { id, ...variables })).extensions.code).toBe('INTERNAL_SERVER_ERROR');
    await execute('drop function refuse_commit cascade');
    expect(await client.data(me)).toEqual({ me: { role: 'USER' } });
    expect(await eventsOf(id)).toEqual([]);
  });

  describe('revokeUserSessions', () => {
    test('ends every session of the user and no other, and counts them', async () => {
      const [alice, bob] = [await member(), await member()];
      const other = instance.client();
      await other.signIn(alice.username);
      const answer = await root.client.data(revokeSessions, { id: alice.id.toUpperCase() });
      expect(answer).toEqual({ revokeUserSessions: { sessionsEnded: 2 } });
      for (const one of [alice.client, other]) expect((await one.error(me)).extensions.reason).toBe('REVOKED');
      expect((await alice.client.refresh(alice.tokens.refreshToken)).errors[0]?.extensions.code).toBe(
        'TOKEN_NOT_VALID',
      );
      await bob.client.data(me);
      await alice.client.signIn(alice.username);
      expect(await eventsOf(alice.id)).toEqual([event('sessions_revoked', alice.id)]);
    });

    test('where there is none ends none', async () => {
      const { id } = await member();
      await root.client.data(revokeSessions, { id });
      const answer = await root.client.data(revokeSessions, { id });
      expect(answer).toEqual({ revokeUserSessions: { sessionsEnded: 0 } });
      expect(await eventsOf(id)).toHaveLength(1);
    });
  });
});
