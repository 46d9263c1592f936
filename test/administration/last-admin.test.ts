import { PosternError } from '../../src/common/errors.js';
import { appOfTest, codeOf, execute } from '../auth/support.js';
import type { TestApp } from '../support/app.js';
import { createTestDatabase, testDatabaseKinds } from '../support/databases.js';
import { admin, administrativeEvents } from './support.js';

const setRole = 'mutation ($id: ID!) { setUserRole(id: $id, role: USER) { id } }';
const setActive = 'mutation ($id: ID!) { setUserActive(id: $id, active: false) { id } }';

const activeAdmins = async (instance: TestApp): Promise<number> => {
  const rows = await execute<{ id: string }>(instance, "select id from users where role = 'ADMIN' and is_active");
  return rows.length;
};

describe.each(testDatabaseKinds)('the last active admin, on %s', (kind) => {
  test.each([
    ['demoted', setRole],
    ['deactivated', setActive],
  ])('is not %s, and says why', async (_what, operation) => {
    const instance = await appOfTest(kind);
    const root = await admin(instance);
    const closed = await admin(instance, 'closed');
    await root.client.data(setActive, { id: closed.id });
    const before = await administrativeEvents(instance);
    const error = await root.client.error(operation, { id: root.id });
    expect(error.message).toContain('is the last active admin');
    expect(error.extensions).toMatchObject({ code: 'CONFLICT', issues: [{ path: ['id'] }] });
    expect(await root.client.data('{ me { role active } }')).toEqual({ me: { role: 'ADMIN', active: true } });
    expect(await administrativeEvents(instance)).toEqual(before);
  });

  test('may go once there is another, who then is the last', async () => {
    const instance = await appOfTest(kind);
    const [root, second] = [await admin(instance), await admin(instance, 'second')];
    await root.client.data(setRole, { id: root.id });
    expect((await second.client.error(setRole, { id: second.id })).extensions.code).toBe('CONFLICT');
    expect(await activeAdmins(instance)).toBe(1);
  });

  test('does not keep a closed admin from losing the role', async () => {
    const instance = await appOfTest(kind);
    const [root, closed] = [await admin(instance), await admin(instance, 'closed')];
    await root.client.data(setActive, { id: closed.id });
    await root.client.data(setRole, { id: closed.id });
  });
});

type Change = (instance: TestApp, id: string) => Promise<unknown>;

const origin = { actorId: null, ipAddress: null, userAgent: null };
const demote: Change = ({ app }, id) => app.services.userAdmin.setRole(app.database.fork(), id, 'USER', origin);
const close: Change = ({ app }, id) => app.services.userAdmin.setActive(app.database.fork(), id, false, origin);

/** The code of the error that the change was refused with, or `OK`. */
const verdict = (change: Promise<unknown>): Promise<string> =>
  change.then(
    () => 'OK',
    (error) => (error instanceof PosternError ? error.code : String(error)),
  );

describe('with two instances on one PostgreSQL', () => {
  const rounds = 50;

  const cluster = async (): Promise<[TestApp, TestApp]> => {
    const database = await createTestDatabase('postgres');
    const first = await appOfTest('postgres', { database });
    return [first, await appOfTest('postgres', { database, clock: first.clock })];
  };
  const reinstate = (instance: TestApp) => execute(instance, "update users set role = 'ADMIN', is_active = true");

  test('two admins who demote each other at the same instant leave exactly one', async () => {
    const [first, second] = await cluster();
    const [anna, bert] = [await admin(first, 'anna'), await admin(second, 'bert')];
    let tokens = [await anna.client.signIn('anna'), await bert.client.signIn('bert')];
    for (let round = 0; round < rounds; round++) {
      const answers = await Promise.all([
        anna.client.query(setRole, { id: bert.id }),
        bert.client.query(setRole, { id: anna.id }),
      ]);
      expect(await activeAdmins(first)).toBe(1);
      // The loser finds no other admin, or is none any more before the request is looked at.
      expect(['CONFLICT OK', 'OK UNAUTHENTICATED']).toContain(answers.map(codeOf).sort().join(' '));
      await reinstate(first);
      tokens = await Promise.all(
        [anna, bert].map(async ({ client }, index) => {
          const { data } = await client.refresh(tokens[index]?.refreshToken ?? '');
          if (data === null) throw new Error('The refresh failed.');
          client.token = data.refreshToken.accessToken;
          return data.refreshToken;
        }),
      );
    }
  });

  test.each<[name: string, ...changes: Change[]]>([
    ['demoted and demoted', demote, demote],
    ['closed and closed', close, close],
    ['demoted and closed', demote, close],
    ['demoted and closed, many at once', demote, close, demote, demote, close, demote],
  ])('of admins who are %s at the same instant, one stays', async (_name, ...changes) => {
    const instances = await cluster();
    const [first] = instances;
    await execute(
      first,
      `insert into users (id, username, email, password_hash, role, created_at)
       select gen_random_uuid(), 'admin' || n, n || '@example.com', '', 'ADMIN', now()
       from generate_series(1, ${changes.length}) n`,
    );
    const admins = await execute<{ id: string }>(first, 'select id from users order by random()');
    for (let round = 0; round < rounds; round++) {
      await reinstate(first);
      const before = (await administrativeEvents(first)).length;
      const verdicts = await Promise.all(
        changes.map((change, index) => verdict(change(instances[index % 2] ?? first, admins[index]?.id ?? ''))),
      );
      expect(verdicts.sort()).toEqual(['CONFLICT', ...changes.slice(1).map(() => 'OK')]);
      expect(await activeAdmins(first)).toBe(1);
      expect(await administrativeEvents(first)).toHaveLength(before + changes.length - 1);
    }
  });
});
