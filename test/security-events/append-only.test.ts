import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { record, verify } from './support.js';

const statements = [
  "update security_events set detail = 'another'",
  'update security_events set created_at = created_at',
  'delete from security_events',
  'truncate security_events',
  'truncate security_events, security_event_seals cascade',
  "update security_event_seals set hash = ''",
  'delete from security_event_seals',
  'truncate security_event_seals',
];

describe.each(ordinaryDatabaseKinds)('security events are append-only, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await record(instance);
    await record(instance);
  });
  afterAll(() => instance.stop());

  test.each(statements)("the tables' own owner, and superuser, is refused: %s", async (statement) => {
    await expect(instance.app.database.fork().execute(statement)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringContaining('security events are append-only'),
    });
    expect((await verify(instance)).head.position).toBe(2);
  });

  test('the purge opens the tables for itself, not for what follows in its transaction', async () => {
    const work = instance.app.database.fork().transactional(async (em) => {
      await em.execute('select purge_security_events(now(), 10)');
      await em.execute('delete from security_events');
    });
    await expect(work).rejects.toMatchObject({ code: '42501' });
  });

  test('an event of a transaction that is undone is in no chain', async () => {
    const em = instance.app.database.fork();
    await em.begin();
    await em.execute("insert into security_events (id, type, created_at) values (gen_random_uuid(), 'x', now())");
    await em.rollback();
    expect((await verify(instance)).head.position).toBe(2);
  });
});
