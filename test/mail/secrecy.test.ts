import { createTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, ordinaryDatabaseKinds, type TestDatabase } from '../support/databases.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { deliver, mailTo, post, rows, second, secretLink } from './support.js';

const encryptionKey = Buffer.alloc(32, 7).toString('base64');
const otherKey = Buffer.alloc(32, 8).toString('base64');

describe.each(ordinaryDatabaseKinds)('what the outbox holds, on %s', (kind) => {
  let database: TestDatabase;
  const instances: TestApp[] = [];

  beforeEach(async () => {
    database = await createTestDatabase(kind);
  });
  afterEach(async () => {
    for (const instance of instances.splice(0)) await instance.stop();
    await database.drop();
  });

  async function start(env: Record<string, string> = {}): Promise<TestApp> {
    const instance = await createTestApp(kind, { database, env });
    instances.push(instance);
    return instance;
  }

  test('is encrypted: no address, no name, no link and no word of the mail is in the row', async () => {
    const instance = await start();
    await post(instance, 'alice@example.com');
    const [row] = await instance.app.database
      .fork()
      .execute<{ text: string; bytes: string }[]>(
        "select to_jsonb(outbox)::text as text, encode(payload, 'escape') as bytes from outbox",
      );
    for (const word of ['alice', 'example.com', 'a-secret-token', 'password', 'postern.example.com']) {
      expect(row?.text).not.toContain(word);
      expect(row?.text).not.toContain(Buffer.from(word).toString('hex'));
      expect(row?.bytes).not.toContain(word);
    }
  });

  test('does not open in another row', async () => {
    const instance = await start();
    await post(instance, 'alice@example.com');
    // Two items of one instant would be in no order.
    instance.clock.advance(second);
    await post(instance, 'bob@example.com');
    await instance.app.database
      .fork()
      .execute('update outbox set payload = (select payload from outbox order by id limit 1)');
    await deliver(instance);
    expect(await instance.mailsTo('alice@example.com')).toHaveLength(1);
    expect(await rows(instance)).toMatchObject([{ last_error: 'the key that encrypted it is gone' }]);
  });
});

describe('the key of the outbox', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase('postgres');
  });
  afterEach(() => database.drop());

  const start = (env: Record<string, string>) => createTestApp('postgres', { database, env });

  test.each([
    ['KEY_ENCRYPTION_KEY set later', {}, { KEY_ENCRYPTION_KEY: encryptionKey }],
    [
      'another signing key, where there is a KEY_ENCRYPTION_KEY',
      { KEY_ENCRYPTION_KEY: encryptionKey },
      { KEY_ENCRYPTION_KEY: encryptionKey, JWT_SIGNING_KEY: 'another test key of thirty-two bytes, or more' },
    ],
  ])('%s: what was written before is still sent', async (_what, before, after) => {
    const writer = await start(before);
    await post(writer, 'alice@example.com');
    await writer.stop();
    const sender = await start(after);
    expect(await sender.mailsTo('alice@example.com')).toHaveLength(1);
    await sender.stop();
  });

  test.each([
    ['another signing key', {}, { JWT_SIGNING_KEY: 'another test key of thirty-two bytes, or more' }],
    ['another KEY_ENCRYPTION_KEY', { KEY_ENCRYPTION_KEY: encryptionKey }, { KEY_ENCRYPTION_KEY: otherKey }],
  ])(
    '%s: what was written before is given up for all to see, and sent when the key is back',
    async (_what, before, after) => {
      const writer = await start(before);
      await post(writer, 'alice@example.com');
      await writer.stop();
      const without = await start(after);
      await deliver(without);
      without.clock.advance(3_600 * second);
      await deliver(without);
      expect(await rows(without)).toEqual([
        { attempts: 1, failed_at: expect.anything(), last_error: 'the key that encrypted it is gone' },
      ]);
      await without.app.database.fork().execute('update outbox set failed_at = null, next_attempt_at = created_at');
      await without.stop();
      const sender = await start(before);
      expect(await sender.mailsTo('alice@example.com')).toHaveLength(1);
      await sender.stop();
    },
  );
});

describe('the log, at its most talkative', () => {
  let server: MailServer;
  let lines: string[];
  beforeEach(async () => {
    server = await startMailServer({ password: 'swordfish' });
    lines = [];
  });
  afterEach(() => server.stop());

  const secrets = ['alice', 'bob', 'a-secret-token', '042042', 'swordfish', encodeURIComponent(secretLink)];
  const log = { log: (line: string) => lines.push(line), smtpTimeouts: { greeting: 1_000 } };

  test('has no address, name, code, link or password of a mail, whatever becomes of it', async () => {
    const instance = await createTestApp('pglite', {
      ...log,
      env: { LOG_LEVEL: 'trace', SMTP_URL: `smtp://postern:swordfish@127.0.0.1:${server.port}` },
    });
    const write = async () => {
      await post(instance, 'alice@example.com');
      const { mailer } = instance.app.services;
      const code = { template: 'signInCode' as const, facts: { code: '042042' } };
      await mailer.post(instance.app.database.fork(), { ...mailTo('bob@example.com'), ...code });
    };
    for (const behaviour of [
      'accepts',
      'never greets',
      'drops half way',
      { at: 'MAIL', code: 550, text: `no alice@example.com, ${secretLink}` },
      { at: 'RCPT', code: 451, text: `not alice@example.com, ${secretLink}` },
      { at: 'RCPT', code: 550, text: `never alice@example.com, ${secretLink}` },
      { at: 'DATA', code: 554, text: `never alice@example.com, ${secretLink}, 042042` },
    ] as const) {
      server.behaviour = behaviour;
      await write();
      await deliver(instance);
      instance.clock.advance(3_600 * second);
    }
    const errors = await instance.app.database
      .fork()
      .execute<{ last_error: string }[]>('select last_error from outbox');
    await instance.stop();
    expect(lines.length).toBeGreaterThan(8);
    const all = [...lines, ...errors.map(({ last_error }) => last_error)].join('\n');
    for (const secret of secrets) expect(all).not.toContain(secret);
  });

  test('names the file that a mail became, which names nobody', async () => {
    const instance = await createTestApp('pglite', { ...log, env: { LOG_LEVEL: 'trace' } });
    await post(instance, 'alice@example.com');
    await deliver(instance);
    const line = lines.find((text) => text.includes('a mail was written to'));
    expect(line).toMatch(/Without SMTP_URL, a mail was written to \/\S+\/outbox\/[\dT-]+Z-[\da-f-]{36}\.eml\./);
    expect(line).toContain(instance.config.database.dataDir);
    for (const secret of secrets) expect(lines.join('')).not.toContain(secret);
    await instance.stop();
  });
});
