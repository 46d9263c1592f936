import { pino } from 'pino';
import { createApp } from '../../src/app.js';
import { outboxCommand } from '../../src/cli/outbox.js';
import { loadConfig } from '../../src/config.js';
import { run, variablesFor } from '../cli/support.js';
import { createDataDir, createTestDatabase } from '../support/databases.js';
import { FakeClock } from '../support/fake-clock.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { mailTo } from './support.js';

/** A database that the program and its commands can reach, one after the other. */
interface Reachable {
  readonly variables: Record<string, string>;
  remove(): Promise<void>;
}

async function onPostgres(): Promise<Reachable> {
  const database = await createTestDatabase('postgres');
  const dataDir = await createDataDir();
  const remove = async () => {
    await database.drop();
    await dataDir.remove();
  };
  return { variables: { ...variablesFor(database), DATA_DIR: dataDir.path }, remove };
}

async function embedded(): Promise<Reachable> {
  const dataDir = await createDataDir({ migrated: true });
  return { variables: { DATA_DIR: dataDir.path }, remove: () => dataDir.remove() };
}

describe.each<[string, () => Promise<Reachable>]>([
  ['PostgreSQL', onPostgres],
  ['the embedded database', embedded],
])('npm run outbox, on %s', (_kind, create) => {
  let database: Reachable;
  let server: MailServer;
  let clock: FakeClock;

  beforeAll(async () => {
    [database, server] = await Promise.all([create(), startMailServer()]);
    clock = new FakeClock();
  });
  afterAll(async () => {
    await server.stop();
    await database.remove();
  });

  /** Runs an instance for as long as it takes to write the mails and to try all that is due. */
  async function deliver(...addresses: string[]): Promise<void> {
    const env = {
      NODE_ENV: 'test',
      PORT: '0',
      SMTP_URL: server.url,
      JWT_SIGNING_KEY: 'a test key of thirty-two bytes',
    };
    const config = loadConfig({
      ...env,
      ...database.variables,
      JWT_SIGNING_KEY: 'a test key of thirty-two bytes or so',
    });
    const overrides = { clock, outboxInterval: 0, logger: pino({ level: 'silent' }) };
    const app = await createApp(config, overrides);
    await app.start();
    for (const to of addresses) await app.services.mailer.post(app.database.fork(), mailTo(to));
    await app.services.outbox.deliver();
    await app.stop();
  }
  const outbox = (...args: string[]) => run(outboxCommand, args, database.variables);

  test('list: nothing, of an empty outbox', async () => {
    expect(await outbox('list')).toEqual({ code: 0, out: 'Given up: 0.\nStill to be done: 0.\n', err: '' });
  });

  test('list: what was given up with its reason, and what waits; no address', async () => {
    server.behaviour = { at: 'RCPT', code: 550, text: '5.1.1 no mary@example.com here', to: 'mary@example.com' };
    await deliver('mary@example.com');
    server.behaviour = { at: 'RCPT', code: 451, text: '4.7.1 not now' };
    await deliver('alice@example.com');
    const { code, out, err } = await outbox('list');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const time = new Date(clock.now()).toISOString();
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(`^${time}  MAIL [\\da-f-]{36}: EENVELOPE 550 5\\.1\\.1 RCPT TO \\(tries: 1\\)$`),
      ),
      'Given up: 1.',
      `Still to be done: 1, the oldest since ${time}; the last to fail: EENVELOPE 451 4.7.1 RCPT TO.`,
      '',
    ]);
  });

  test('retry: what was given up is sent', async () => {
    server.behaviour = 'accepts';
    expect(await outbox('retry')).toEqual({ code: 0, out: 'To be tried again: 1.\n', err: '' });
    clock.advance(60_000);
    await deliver();
    expect(server.recipients).toEqual(['alice@example.com', 'mary@example.com']);
    expect((await outbox('list')).out).toBe('Given up: 0.\nStill to be done: 0.\n');
    expect(await outbox('retry')).toMatchObject({ out: 'To be tried again: 0.\n' });
  });

  test.each([[[]], [['lsit']]])('with %j says what there is to do', async (args) => {
    expect(await outbox(...args)).toEqual({
      code: 1,
      out: '',
      err: 'outbox: Say what to do: list or retry.\n',
    });
  });

  test('with one word too many says so', async () => {
    expect(await outbox('list', 'all')).toMatchObject({
      code: 1,
      err: "outbox: Unexpected argument 'all'. See --help.\n",
    });
  });

  test('explains itself', async () => {
    expect(await outbox('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('npm run outbox -- list | retry'),
    });
  });
});
