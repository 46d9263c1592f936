import { createTestApp, type TestApp } from '../support/app.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { databaseSettings, type TestDatabase } from '../support/databases.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { deliver, minute, post, rows } from './support.js';

describe('an outbox whose database goes away', () => {
  let cluster: Cluster;
  let server: MailServer;
  let instance: TestApp;
  let log: string[] = [];

  beforeAll(async () => {
    [cluster, server] = await Promise.all([startCluster(), startMailServer()]);
    const database: TestDatabase = {
      kind: 'postgres',
      settings: databaseSettings({ url: cluster.url() }),
      overrides: {},
      url: cluster.url(),
      drop: () => Promise.resolve(),
    };
    instance = await createTestApp('postgres', {
      database,
      env: { SMTP_URL: server.url },
      log: (line) => log.push(line),
    });
  }, 120_000);
  beforeEach(() => {
    log = [];
  });
  afterAll(async () => {
    await instance.stop();
    await server.stop();
    await cluster.destroy();
  });

  const logged = (text: string) => log.filter((line) => line.includes(text));

  test('after a mail was sent and before that is noted, does not send it again', async () => {
    await post(instance, 'alice@example.com');
    server.behaviour = 'waits';
    const stalled = server.nextStall();
    const delivered = deliver(instance);
    await stalled;
    await cluster.stop();
    server.goOn();
    await delivered;
    expect(server.recipients).toEqual(['alice@example.com']);
    await cluster.start();
    expect(await rows(instance)).toMatchObject([{ attempts: 1, failed_at: null }]);
    instance.clock.advance(10 * minute);
    await deliver(instance);
    expect(await rows(instance)).toEqual([]);
    expect(server.mails).toHaveLength(1);
  });

  test('tells it once in the log, and once that it is back', async () => {
    await cluster.stop();
    for (let look = 0; look < 20; look++) await deliver(instance);
    expect(logged('The outbox cannot be read or written')).toHaveLength(20);
    expect(logged('The outbox cannot be read or written').filter((line) => !line.includes('"level":"debug"'))).toEqual([
      expect.stringContaining('"level":"warn"'),
    ]);
    await cluster.start();
    await post(instance, 'bob@example.com');
    await deliver(instance);
    await deliver(instance);
    expect(logged('The outbox is worked on again')).toHaveLength(1);
    expect(server.recipients).toContain('bob@example.com');
  });
});
