import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { type Behaviour, type MailServer, startMailServer } from '../support/mail-server.js';
import { tokenIn } from '../support/mails.js';
import { addresses, day, deliver, minute, post, rows, second } from './support.js';

describe.each(ordinaryDatabaseKinds)('mails by SMTP, on %s', (kind) => {
  let server: MailServer;
  let instance: TestApp;
  const log: string[] = [];

  beforeAll(async () => {
    server = await startMailServer();
    instance = await createTestApp(kind, {
      env: { SMTP_URL: server.url, MAIL_FROM: 'Postern, the server <postern@example.org>' },
      log: (line) => log.push(line),
    });
  });
  afterEach(async () => {
    server.behaviour = 'accepts';
    await server.start();
    await instance.app.database.fork().execute('delete from outbox');
    await post(instance, 'the-last@example.com');
    await wait(2 * minute, minute);
    server.mails.length = 0;
    log.length = 0;
  });
  afterAll(async () => {
    await instance.stop();
    await server.stop();
  });

  const warnings = () => log.filter((line) => /"level":"(warn|error)"/.test(line));
  /** Lets time go by, and looks into the outbox after each step. */
  const wait = async (milliseconds: number, step = milliseconds) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      instance.clock.advance(step);
      await deliver(instance);
    }
  };

  test('a mail is sent once, whole, and then forgotten', async () => {
    await post(instance, 'alice@example.com');
    await Promise.all([deliver(instance), deliver(instance)]);
    await wait(10 * minute);
    expect(server.mails).toHaveLength(1);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ to: 'alice@example.com', subject: 'A new password for Postern, the server' });
    expect(mail && tokenIn(mail)).toBe('a-secret-token');
    expect(mail?.headers).toMatchObject({
      from: '"Postern, the server" <postern@example.org>',
      'auto-submitted': 'auto-generated',
      date: expect.stringContaining(new Date(instance.clock.now() - 10 * minute).toUTCString().slice(0, 25)),
      'message-id': expect.stringMatching(/^<[0-9a-f-]{36}@example\.org>$/),
    });
    expect(mail?.headers).not.toHaveProperty('x-mailer');
    expect(await rows(instance)).toEqual([]);
  });

  test('what a transaction wrote is sent if it commits, and never if it does not', async () => {
    const em = instance.app.database.fork();
    const { mailer } = instance.app.services;
    const write = (to: string) => ({
      template: 'signInCode' as const,
      facts: { code: '123456' },
      to,
      userId: null,
      username: 'alice',
    });
    await em.transactional((tx) => mailer.post(tx, write('committed@example.com')));
    const failed = em.transactional(async (tx) => {
      await mailer.post(tx, write('rolled-back@example.com'));
      throw new Error('something else failed');
    });
    await expect(failed).rejects.toThrow('something else failed');
    await deliver(instance);
    expect(server.recipients).toEqual(['committed@example.com']);
  });

  test.each<[string, Behaviour, string]>([
    ['drops the connection half way through the text', 'drops half way', 'ECONNECTION CONN'],
    ['has no room for connections', { at: 'MAIL', code: 421, text: '4.7.0 too many' }, 'EENVELOPE 421 4.7.0 MAIL FROM'],
    [
      'is shutting down',
      { at: 'RCPT', code: 421, text: '4.3.2 shutting down' },
      expect.stringMatching(/^E\w+ 421 4\.3\.2/),
    ],
    ['does not know the sender', { at: 'MAIL', code: 550, text: '5.7.1 who?' }, 'EENVELOPE 550 5.7.1 MAIL FROM'],
    ['wants a login', { at: 'RCPT', code: 530, text: '5.7.0 log in' }, 'EENVELOPE 530 5.7.0 RCPT TO'],
  ])('a server that %s is tried again soon, and the mail arrives once', async (_what, behaviour, lastError) => {
    server.behaviour = behaviour;
    await post(instance, 'alice@example.com');
    await deliver(instance);
    expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: null, last_error: lastError }]);
    await wait(second - 1);
    expect(await rows(instance)).toMatchObject([{ attempts: 1 }]);
    await wait(1);
    expect(await rows(instance)).toMatchObject([{ attempts: 2 }]);
    server.behaviour = 'accepts';
    await wait(2 * second);
    await wait(10 * minute);
    expect(server.recipients).toEqual(['alice@example.com']);
    expect(await rows(instance)).toEqual([]);
  });

  test.each<[string, Behaviour, string]>([
    ['recipient', { at: 'RCPT', code: 550, text: '5.1.1 nobody here' }, 'EENVELOPE 550 5.1.1 RCPT TO'],
    ['text', { at: 'DATA', code: 554, text: '5.6.0 not like this' }, 'EMESSAGE 554 5.6.0 DATA'],
  ])(
    'a mail whose %s the server refuses is given up at once, and holds up no other',
    async (_what, refusal, reason) => {
      server.behaviour = typeof refusal === 'string' ? refusal : { ...refusal, to: 'nobody@example.com' };
      await post(instance, 'nobody@example.com', 'alice@example.com');
      await deliver(instance);
      await wait(day);
      expect(server.recipients).toEqual(['alice@example.com']);
      expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: expect.anything(), last_error: reason }]);
      expect(log.join('')).toContain('has been given up; `npm run outbox -- list` shows them');
    },
  );

  test.each<[string, Behaviour]>([
    ['not now, for one recipient', { at: 'RCPT', code: 451, text: '4.7.1 greylisted' }],
    ['not now, for one text', { at: 'DATA', code: 452, text: '4.3.1 no space' }],
    ['no by its policy, which may be mended', { at: 'RCPT', code: 554, text: '5.7.1 relay denied' }],
  ])('a server that says %s is asked again later, and others are not held up', async (_what, refusal) => {
    server.behaviour = typeof refusal === 'string' ? refusal : { ...refusal, to: 'slow@example.com' };
    await post(instance, 'slow@example.com', 'alice@example.com');
    await deliver(instance);
    expect(server.recipients).toEqual(['alice@example.com']);
    const tries: number[] = [];
    for (const waited of [10 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, 60 * minute, 60 * minute]) {
      await wait(waited - 1);
      const [before] = await rows(instance);
      await wait(1);
      const [after] = await rows(instance);
      tries.push((after?.attempts ?? 0) - (before?.attempts ?? 0));
    }
    expect(tries).toEqual([1, 1, 1, 1, 1, 1, 1]);
    server.behaviour = 'accepts';
    await wait(60 * minute);
    expect(server.recipients).toEqual(['alice@example.com', 'slow@example.com']);
  });

  test('a mail that nobody takes for five days is given up, and the log says so', async () => {
    await server.stop();
    await post(instance, 'alice@example.com');
    await deliver(instance);
    await wait(4.5 * day, day / 2);
    expect(await rows(instance)).toMatchObject([{ failed_at: null }]);
    await wait(day / 2);
    expect(await rows(instance)).toMatchObject([
      { failed_at: expect.anything(), last_error: 'ESOCKET ECONNREFUSED CONN' },
    ]);
    expect(log.join('')).toContain('has been given up');
  });

  test('fifty mails written while the server is down all arrive within two minutes of its return, none twice', async () => {
    await server.stop();
    const everybody = addresses(50);
    await post(instance, ...everybody);
    await deliver(instance);
    await wait(2 * minute, second);
    await wait(6 * 60 * minute, minute);
    expect(warnings().length).toBeLessThan(400);
    expect(await rows(instance)).toHaveLength(50);
    await server.start();
    await wait(2 * minute, second);
    expect(server.recipients).toEqual(everybody);
    expect(await rows(instance)).toEqual([]);
    await wait(day, day / 4);
    expect(server.mails).toHaveLength(50);
    expect(log.filter((line) => line.includes('is taken again'))).toHaveLength(1);
  });

  test('while the server is down, one mail at a time asks whether it is back', async () => {
    await server.stop();
    await post(instance, ...addresses(30));
    await deliver(instance);
    const tried = async () => (await rows(instance)).reduce((sum, { attempts }) => sum + attempts, 0);
    expect(await tried()).toBe(10);
    await wait(second);
    expect(await tried()).toBe(11);
    await wait(second);
    expect(await tried()).toBe(11);
    await wait(second);
    expect(await tried()).toBe(12);
  });

  test('a server that took a mail and could not say so gets it again, under the same Message-ID and date', async () => {
    server.behaviour = 'drops after the end';
    await post(instance, 'alice@example.com');
    await deliver(instance);
    server.behaviour = 'accepts';
    await wait(second);
    const [first, again] = server.mails;
    expect(server.mails).toHaveLength(2);
    for (const name of ['message-id', 'date', 'subject']) expect(again?.headers[name]).toBe(first?.headers[name]);
    expect(again?.text).toBe(first?.text);
  });

  test.each([
    ['no address', '', 'EENVELOPE API'],
    ['an address of two lines', 'two\r\nRCPT TO:<lines@example.com>', expect.stringMatching(/^EENVELOPE (API|501)/)],
  ])('%s is given up at once, and holds up no other', async (_what, to, reason) => {
    await post(instance, to, 'alice@example.com');
    await deliver(instance);
    expect(server.recipients).toEqual(['alice@example.com']);
    expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: expect.anything(), last_error: reason }]);
  });

  test('connections are kept for the next mails, and replaced when the server has closed them', async () => {
    const before = server.connections;
    for (const to of addresses(3)) {
      await post(instance, to);
      await deliver(instance);
    }
    expect(server.connections - before).toBeLessThanOrEqual(1);
    await server.stop();
    await server.start();
    await post(instance, 'alice@example.com');
    await deliver(instance);
    await wait(second);
    expect(server.mails).toHaveLength(4);
  });
});

describe('a mail server that hangs', () => {
  const timeouts = { greeting: 500, answer: 500, mail: 2_000 };

  test.each<[string, Behaviour, string, Partial<typeof timeouts>]>([
    ['it never greets', 'never greets', 'ETIMEDOUT GREETING_TIMEOUT CONN', { answer: 60_000 }],
    ['it never answers', 'never answers', 'ETIMEDOUT SOCKET_TIMEOUT CONN', {}],
    ['a mail takes too long in all', 'never answers', 'ETIMEDOUT', { answer: 60_000, mail: 500 }],
  ])('is left when %s, and gets the mails when it works again', async (_what, behaviour, lastError, more) => {
    const server = await startMailServer({ behaviour });
    const instance = await createTestApp('pglite', {
      env: { SMTP_URL: server.url },
      smtpTimeouts: { ...timeouts, ...more },
    });
    // More than there are connections, so that some wait for one.
    await post(instance, ...addresses(7));
    await deliver(instance);
    expect(await rows(instance)).toEqual(Array(7).fill({ attempts: 1, failed_at: null, last_error: lastError }));
    server.behaviour = 'accepts';
    for (let tries = 0; tries < 20; tries++) {
      instance.clock.advance(minute);
      await deliver(instance);
    }
    expect(server.recipients).toEqual(addresses(7));
    await instance.stop();
    await server.allGone();
    await server.stop();
  });
});

describe('a mail server with a password', () => {
  let server: MailServer;
  beforeEach(async () => {
    server = await startMailServer({ password: 'right' });
  });
  afterEach(() => server.stop());

  const createSender = (user: string, host = '127.0.0.1') =>
    createTestApp('pglite', {
      env: { SMTP_URL: `smtp://${user}@${host}:${server.port}`, MAIL_FROM: 'postern@example.org' },
    });

  test('takes mails of whoever knows it', async () => {
    const instance = await createSender('postern:right');
    await post(instance, 'alice@example.com');
    await deliver(instance);
    expect(server.mails).toMatchObject([{ subject: 'A new password for example.org' }]);
    await instance.stop();
  });

  test.each([
    ['that is wrong', 'postern:wrong', '127.0.0.1', 'EAUTH 535 5.7.8 AUTH PLAIN'],
    ['that is missing', 'postern', '127.0.0.1', 'EAUTH API'],
    ['that would go over the network in the clear', 'postern:right', '0.0.0.0', expect.stringMatching(/^ETLS 5\d\d/)],
  ])('a password %s is not held against the mail', async (_what, user, host, lastError) => {
    const instance = await createSender(user, host);
    await post(instance, 'alice@example.com');
    await deliver(instance);
    expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: null, last_error: lastError }]);
    expect(server.mails).toEqual([]);
    await instance.stop();
  });
});
