import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import type { NotificationChannel, NotificationHandlers } from '../../src/database/notification-channel.js';
import { createNotificationChannel } from '../../src/database/notifications.js';
import { type Database, openDatabase } from '../../src/database/open.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { createTestDatabase, databaseSettings, testDatabaseKinds, withPostgres } from '../support/databases.js';
import { noteDefinition } from './support.js';

/** Polls every 5 ms and answers with the milliseconds it took. */
async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await delay(5);
  }
  return performance.now() - start;
}

class Recorder implements NotificationHandlers {
  readonly messages: string[] = [];
  connected = 0;
  disconnected = 0;
  currentWhileLoading: boolean[] = [];
  channel: NotificationChannel | null = null;
  failures = 0;

  onMessage(payload: string): void {
    this.messages.push(payload);
  }

  async onConnected(): Promise<void> {
    await delay(20);
    this.currentWhileLoading.push(this.channel?.isCurrent() ?? false);
    if (this.failures-- > 0) throw new Error('the state cannot be loaded');
    this.connected++;
  }

  onDisconnected(): void {
    this.disconnected++;
  }
}

function listen(database: Database): { channel: NotificationChannel; recorder: Recorder } {
  const channel = createNotificationChannel(database, 'postern_test');
  const recorder = new Recorder();
  recorder.channel = channel;
  return { channel, recorder };
}

const notify = (database: Database, payload: string) =>
  sql`select pg_notify('postern_test', ${payload})`.execute(database.fork().getKysely());

describe.each(testDatabaseKinds)('a notification channel on %s', (kind) => {
  test('delivers what is committed, and nothing that is rolled back', async () => {
    const fresh = await createTestDatabase(kind, { migrated: false });
    const database = await openDatabase(fresh.settings, { ...noteDefinition, ...fresh.overrides });
    const { channel, recorder } = listen(database);
    try {
      expect(channel.isCurrent()).toBe(false);
      await channel.start(recorder);
      expect(channel.isCurrent()).toBe(true);
      expect(recorder).toMatchObject({ connected: 1, currentWhileLoading: [false] });
      await database
        .fork()
        .transactional(async (em) => {
          await sql`select pg_notify('postern_test', 'never')`.execute(em.getKysely());
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      await notify(database, 'Grüße, 世界');
      await until(() => recorder.messages.length > 0, 1_000);
      expect(recorder.messages).toEqual(['Grüße, 世界']);
      await channel.close();
      expect(channel.isCurrent()).toBe(false);
      await notify(database, 'too late');
      expect(recorder).toMatchObject({ messages: ['Grüße, 世界'], disconnected: 0 });
    } finally {
      await channel.close();
      await database.close();
      await fresh.drop();
    }
  }, 30_000);

  test('takes only plain names', async () => {
    const fresh = await createTestDatabase(kind, { migrated: false });
    const database = await openDatabase(fresh.settings, { ...noteDefinition, ...fresh.overrides });
    for (const name of ['', 'a b', 'A', 'a"; drop table users; --', 'a'.repeat(64)]) {
      expect(() => createNotificationChannel(database, name)).toThrow(RangeError);
    }
    await database.close();
    await fresh.drop();
  }, 30_000);
});

describe('a notification channel whose PostgreSQL has troubles', () => {
  let cluster: Cluster;
  let database: Database;
  let channel: NotificationChannel;
  let recorder: Recorder;

  beforeAll(async () => {
    cluster = await startCluster();
    database = await openDatabase(databaseSettings({ url: cluster.url() }), {
      ...noteDefinition,
      log: () => undefined,
    });
  }, 30_000);

  afterAll(async () => {
    await database.close();
    await cluster.destroy();
  }, 30_000);

  beforeEach(() => {
    ({ channel, recorder } = listen(database));
  });

  afterEach(() => channel.close());

  const listenerPid = () =>
    withPostgres(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'postern-listener'",
      );
      return rows[0]?.pid ?? 0;
    }, cluster.url());

  test('knows at once that its backend was terminated, reconnects and loads again', async () => {
    await channel.start(recorder);
    const pid = await listenerPid();
    await withPostgres((client) => client.query('select pg_terminate_backend($1)', [pid]), cluster.url());
    await until(() => !channel.isCurrent(), 100);
    expect(recorder.disconnected).toBe(1);
    await until(() => channel.isCurrent(), 2_000);
    expect(recorder).toMatchObject({ connected: 2, currentWhileLoading: [false, false] });
    await notify(database, 'again');
    await until(() => recorder.messages.includes('again'), 1_000);
  });

  test('comes back when the server is stopped and started', async () => {
    await channel.start(recorder);
    await cluster.stop();
    await until(() => !channel.isCurrent(), 200);
    await delay(600);
    expect(recorder).toMatchObject({ connected: 1, disconnected: 1 });
    await cluster.start();
    await until(() => channel.isCurrent(), 6_000);
    await notify(database, 'again');
    await until(() => recorder.messages.includes('again'), 1_000);
    expect(recorder).toMatchObject({ connected: 2, disconnected: 1 });
  }, 30_000);

  test('starts without a database and finds it later', async () => {
    await cluster.stop();
    await channel.start(recorder);
    expect(channel.isCurrent()).toBe(false);
    await cluster.start();
    await until(() => channel.isCurrent(), 6_000);
    expect(recorder).toMatchObject({ connected: 1, disconnected: 0 });
  }, 30_000);

  test('is not current until its owner has loaded its state', async () => {
    recorder.failures = 2;
    await channel.start(recorder);
    expect(channel.isCurrent()).toBe(false);
    await until(() => channel.isCurrent(), 5_000);
    expect(recorder).toMatchObject({ connected: 1, disconnected: 0, currentWhileLoading: [false, false, false] });
  }, 10_000);

  test('notices within about a second that its backend is frozen', async () => {
    await channel.start(recorder);
    const pid = await listenerPid();
    process.kill(pid, 'SIGSTOP');
    try {
      const noticed = await until(() => !channel.isCurrent(), 1_100);
      expect(noticed).toBeGreaterThan(300);
      await until(() => recorder.disconnected === 1, 1_000);
      await until(() => channel.isCurrent(), 2_000);
      expect(recorder.connected).toBe(2);
      await notify(database, 'past the frozen one');
      await until(() => recorder.messages.includes('past the frozen one'), 1_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }, 10_000);

  test('leaves no backend behind', async () => {
    await channel.start(recorder);
    await channel.close();
    await until(async () => (await listenerPid()) === 0, 1_000);
  });
});

describe('a notification channel to a server that accepts and says nothing', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await promisify((done: (error: null) => void) => server.once('listening', () => done(null)))();
    const address = server.address();
    url = `postgresql://u:p@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/db`;
  });

  afterAll(() => {
    server.close();
  });

  test('can be closed while it connects', async () => {
    const database = await openDatabase(databaseSettings({ url }), noteDefinition);
    const { channel, recorder } = listen(database);
    const starting = channel.start(recorder);
    await delay(50);
    const start = performance.now();
    await channel.close();
    await starting;
    expect(performance.now() - start).toBeLessThan(1_000);
    await database.close();
  });

  test('that was closed before its start is not waited for', async () => {
    const database = await openDatabase(databaseSettings({ url }), noteDefinition);
    const { channel, recorder } = listen(database);
    await channel.close();
    await channel.start(recorder);
    expect(recorder).toMatchObject({ connected: 0, disconnected: 0 });
    await database.close();
  });
});
