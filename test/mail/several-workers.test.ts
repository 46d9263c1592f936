import { createTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { FakeClock } from '../support/fake-clock.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { addresses, deliver, minute, post, rows, second } from './support.js';

describe('several workers on one database', () => {
  let database: TestDatabase;
  let server: MailServer;
  let clock: FakeClock;
  let instances: TestApp[];

  beforeEach(async () => {
    clock = new FakeClock();
    [database, server] = await Promise.all([createTestDatabase('postgres'), startMailServer()]);
    const start = () => createTestApp('postgres', { database, clock, env: { SMTP_URL: server.url } });
    instances = await Promise.all([start(), start(), start()]);
  });
  afterEach(async () => {
    for (const instance of instances) await instance.stop();
    await server.stop();
    await database.drop();
  });

  const [one, another] = [() => instanceAt(0), () => instanceAt(1)];
  function instanceAt(index: number): TestApp {
    const instance = instances[index];
    if (!instance) throw new Error('no such instance');
    return instance;
  }
  const all = (work: (instance: TestApp) => Promise<void>) => Promise.all(instances.map(work));

  test('a hundred mails are each sent once', async () => {
    const everybody = addresses(100);
    await post(one(), ...everybody);
    await all(deliver);
    expect(server.recipients).toEqual(everybody);
    clock.advance(10 * minute);
    await all(deliver);
    expect(server.mails).toHaveLength(100);
    expect(await rows(one())).toEqual([]);
  });

  test('a hundred mails that are written while they are sent are each sent once', async () => {
    const everybody = addresses(100);
    const writing = all(async (instance) => {
      const index = instances.indexOf(instance);
      for (const to of everybody.filter((_, position) => position % instances.length === index)) {
        await post(instance, to);
        void deliver(instance);
      }
    });
    await writing;
    await all(deliver);
    expect(server.recipients).toEqual(everybody);
  });

  /** As a worker that takes mails and dies before it has sent them. */
  const takeAndDie = () =>
    one()
      .app.database.fork()
      .execute(`update outbox set attempts = attempts + 1,
        next_attempt_at = '${new Date(clock.now() + 2 * minute).toISOString()}'`);

  test('what a worker took that then died is sent by another one, two minutes later', async () => {
    await post(one(), 'alice@example.com');
    await takeAndDie();
    clock.advance(2 * minute - 1);
    await all(deliver);
    expect(server.mails).toEqual([]);
    clock.advance(1);
    await all(deliver);
    expect(server.recipients).toEqual(['alice@example.com']);
  });

  test('a worker that was out for longer than its lease has no say in what another one took', async () => {
    await post(one(), 'alice@example.com');
    server.behaviour = 'never answers';
    const stalled = server.nextStall();
    const late = deliver(one());
    await stalled;
    server.behaviour = { at: 'RCPT', code: 451 };
    clock.advance(2 * minute);
    await deliver(another());
    const [before] = await rows(one());
    expect(before).toMatchObject({ attempts: 2, last_error: expect.stringContaining('451') });
    await server.stop();
    await late;
    expect(await rows(one())).toEqual([before]);
    await server.start();
    server.behaviour = 'accepts';
    clock.advance(30 * second);
    await all(deliver);
    expect(server.recipients).toEqual(['alice@example.com']);
  });
});
