import { createTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { deliver, post, rows } from './support.js';

describe('the outbox of a server that starts and stops', () => {
  let database: TestDatabase;
  let server: MailServer;
  const log: string[] = [];

  beforeEach(async () => {
    [database, server] = await Promise.all([createTestDatabase('postgres'), startMailServer()]);
    log.length = 0;
  });
  afterEach(async () => {
    await server.stop();
    await database.drop();
  });

  const start = (): Promise<TestApp> =>
    createTestApp('postgres', {
      database,
      env: { SMTP_URL: server.url, SHUTDOWN_TIMEOUT: '1s' },
      log: (line) => log.push(line),
    });
  const rowsLeft = async () => {
    const looker = await start();
    const left = await rows(looker);
    await looker.stop();
    return left;
  };

  test('sends by itself, once it has started', async () => {
    const instance = await start();
    instance.app.services.outbox.start(10);
    instance.app.services.outbox.start(10);
    const arrived = server.nextMail();
    await post(instance, 'alice@example.com');
    await arrived;
    await instance.stop();
    expect(server.mails).toHaveLength(1);
    expect(await rowsLeft()).toEqual([]);
  });

  test('lets a mail under way arrive before it stops, takes no other, and leaves no connection', async () => {
    server.behaviour = 'waits';
    const instance = await start();
    await post(instance, 'alice@example.com');
    const stalled = server.nextStall();
    void deliver(instance);
    await stalled;
    await post(instance, 'bob@example.com');
    const stopped = instance.stop();
    server.goOn();
    await stopped;
    await server.allGone();
    expect(server.recipients).toEqual(['alice@example.com']);
    expect(await rowsLeft()).toMatchObject([{ attempts: 0 }]);
    expect(log.join('')).not.toMatch(/"level":"(warn|error|fatal)"/);
  });

  test('hands back what does not come to its end in half of SHUTDOWN_TIMEOUT, for the next one to send at once', async () => {
    server.behaviour = 'never answers';
    const instance = await start();
    await post(instance, 'alice@example.com');
    const stalled = server.nextStall();
    const delivered = deliver(instance);
    await stalled;
    const begun = performance.now();
    await instance.stop();
    expect(performance.now() - begun).toBeLessThan(900);
    await delivered;
    server.behaviour = 'accepts';
    const next = await start();
    next.clock.advance(instance.clock.now() - next.clock.now());
    await deliver(next);
    expect(server.recipients).toEqual(['alice@example.com']);
    await next.stop();
  });

  test('does nothing after its stop', async () => {
    const instance = await start();
    await post(instance, 'alice@example.com');
    await instance.stop();
    instance.app.services.outbox.start(1);
    await deliver(instance);
    expect(server.connections).toBe(0);
    expect(await rowsLeft()).toMatchObject([{ attempts: 0 }]);
    expect(log.join('')).not.toMatch(/"level":"(warn|error|fatal)"/);
  });

  test('a server that was never started, or sent no mail, stops', async () => {
    const instance = await start();
    await deliver(instance);
    await instance.stop();
    expect(server.connections).toBe(0);
  });
});
