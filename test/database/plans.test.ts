import { env as passkeyEnv } from '../auth/passkeys/support.js';
import { accountOperations } from '../plans/account-operations.js';
import { adminOperations } from '../plans/admin-operations.js';
import { factorOperations } from '../plans/factor-operations.js';
import { fill, frequentWord, rareWord } from '../plans/fill.js';
import {
  type Actors,
  listOperations,
  maintenanceOperations,
  type Operation,
  rowOperations,
  searchOperations,
  tokenOperations,
} from '../plans/operations.js';
import type { ExecutedStatement } from '../plans/plan.js';
import { type PlanRecorder, recordPlans } from '../plans/plan-recorder.js';
import { PlanReport } from '../plans/report.js';
import { faultsOf, readsTable } from '../plans/rules.js';
import { slidingOperations } from '../plans/sliding-operations.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';

const posts = Number(process.env['PLANS_POSTS'] ?? 20_000);
const tokens = Number(process.env['PLANS_TOKENS'] ?? 20_000);
const events = Number(process.env['PLANS_EVENTS'] ?? 20_000);
const sizes = { posts, tokens, events, users: Math.max(2_000, tokens / 20) };

describe('every statement of the API, on large tables', () => {
  let database: TestDatabase;
  let recorder: PlanRecorder;
  let instance: TestApp;
  let keeper: TestApp;
  let actors: Actors;
  const report = new PlanReport(sizes);

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    recorder = await recordPlans(database.url ?? '');
    instance = await createTestApp('postgres', {
      database,
      env: { ...passkeyEnv, JWT_AUTH_TOKEN_CLASSES: 'access,sliding' },
    });
    keeper = await createTestApp('postgres', {
      database,
      clock: instance.clock,
      env: { JWT_ROTATE_REFRESH_TOKENS: 'false' },
    });
    actors = await createActors(instance);
    await fill(database.url ?? '', sizes);
  }, 900_000);

  afterAll(async () => {
    recorder.stop();
    await keeper.stop();
    await instance.stop();
    await database.drop();
    await report.write(process.env['PLANS_REPORT']);
  });

  async function statementsOf(operation: Operation): Promise<ExecutedStatement[]> {
    recorder.take();
    await operation.run();
    const statements = recorder.take().filter(readsTable);
    return statements;
  }

  const startAnother = () => createTestApp('postgres', { database, clock: instance.clock });
  test.each<[string, () => Operation[]]>([
    ['lists of posts', () => listOperations(actors)],
    ['searches', () => searchOperations(actors, posts / 50)],
    ['single rows', () => rowOperations(actors)],
    ['accounts', () => accountOperations(instance)],
    ['tokens and sessions', () => tokenOperations(instance, keeper, actors)],
    ['sliding tokens', () => slidingOperations(instance)],
    ['pages and changes of administrators', () => adminOperations(instance, actors)],
    ['second factors, devices and passkeys', () => factorOperations(instance)],
    ['what the server does by itself', () => maintenanceOperations(instance, startAnother)],
  ])(
    '%s find their rows by an index',
    async (_title, operations) => {
      const faults: string[] = [];
      for (const operation of operations()) {
        const statements = await statementsOf(operation);
        report.add(operation, statements);
        const silent = statements.length === 0;
        if (silent !== (operation.silent ?? false)) faults.push(`${operation.name}: ${statements.length} statements`);
        for (const statement of statements) {
          faults.push(...faultsOf(statement, operation).map((fault) => `${operation.name} ${fault}`));
        }
      }
      expect(faults).toEqual([]);
    },
    900_000,
  );

  test.each([frequentWord, rareWord])('a search for "%s" finds what a look at every post finds', async (search) => {
    const all = `select id from posts where status = 'PUBLISHED' and body like '% ${search}%'`;
    for (const [field, direction] of [
      ['TITLE', 'ASC'],
      ['UPDATED_AT', 'DESC'],
    ] as const) {
      const expected: { id: string }[] = await instance.app.database
        .fork()
        .execute(`${all} order by ${field} ${direction}, id ${direction} limit 20`);
      const found = await actors.anonymous.data<{ posts: { nodes: { id: string }[] } }>(
        'query ($filter: PostFilter, $orderBy: PostOrder) { posts(filter: $filter, orderBy: $orderBy) { nodes { id } } }',
        { filter: { search }, orderBy: { field, direction } },
      );
      expect(found.posts.nodes).toEqual(expected);
    }
  });

  test('a missing index would be noticed', async () => {
    await instance.app.database.fork().execute('drop index posts_status_title_index');
    const operation = listOperations(actors).find(({ name }) => name === 'posts, all, by TITLE, for anonymous');
    const statements = operation ? await statementsOf(operation) : [];
    expect(statements.flatMap((statement) => faultsOf(statement, {}))).not.toEqual([]);
  });
});

async function createActors(instance: TestApp): Promise<Actors> {
  const [anonymous, alice, admin] = [instance.client(), instance.client(), instance.client()];
  const { users } = instance.app.services;
  const root = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
  const { id: adminId } = await users.register(instance.app.database.fork(), root, 'ADMIN');
  const { id: aliceId } = await alice.register('alice');
  await alice.signIn('alice');
  await admin.signIn('root');
  return { anonymous, alice, admin, aliceId, adminId };
}
