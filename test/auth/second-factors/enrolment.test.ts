import { createTestApp, type TestApp } from '../../support/app.js';
import { passwordOf, type TestClient } from '../../support/client.js';
import { testDatabaseKinds } from '../../support/databases.js';
import { codeOf, execute, minute, reasonOf } from '../support.js';
import {
  begin,
  challengeOf,
  confirm,
  confirmWith,
  disable,
  lastMail,
  mailedCode,
  regenerate,
  start,
  switchOnEmail,
  switchOnTotp,
  totpCode,
  tryCode,
  wrong,
} from './support.js';

const mine = '{ me { emailVerified: email secondFactors { method confirmedAt lastUsedAt } } }';
const methodsOf = async (client: TestClient) => {
  const { me } = await client.data<{ me: { secondFactors: { method: string }[] } }>(mine);
  return me.secondFactors.map(({ method }) => method);
};

describe.each(testDatabaseKinds)('setting up second factors, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;
  let username: string;
  let users = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env: { JWT_ACCESS_TOKEN_LIFETIME: '1h' } });
  });
  afterAll(() => instance.stop());
  beforeEach(async () => {
    username = `user${++users}`;
    client = instance.client();
    await client.register(username);
    await client.signIn(username);
  });

  test('TOTP shows a secret of 160 bits, as an address and as a QR code too, and is on after the first code', async () => {
    const enrolment = await begin(client, 'TOTP');
    expect(enrolment).toMatchObject({ method: 'TOTP', totpSecret: expect.stringMatching(/^[A-Z2-7]{32}$/) });
    expect(enrolment.otpauthUrl).toBe(
      `otpauth://totp/Postern:${username}?secret=${enrolment.totpSecret}&issuer=Postern`,
    );
    expect(enrolment.qrCode).toMatch(/^<svg /);
    expect(Date.parse(enrolment.expiresAt)).toBe(instance.clock.now() + 10 * minute);
    expect(await methodsOf(client)).toEqual([]);

    const code = totpCode(instance, String(enrolment.totpSecret));
    const { factor, recoveryCodes } = await confirmWith(client, enrolment.enrolmentToken, code);
    expect(factor).toEqual({
      method: 'TOTP',
      confirmedAt: new Date(instance.clock.now()).toISOString(),
      lastUsedAt: null,
    });
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const one of recoveryCodes) expect(one).toMatch(/^[abcdefghjkmnpqrstuvwxyz23456789]{5}-[a-z2-9]{5}$/);
    expect(await methodsOf(client)).toEqual(['TOTP']);
  });

  test('EMAIL mails a code, needs nothing shown, and shows that the address is right', async () => {
    const enrolment = await begin(client, 'EMAIL');
    expect(enrolment).toMatchObject({ method: 'EMAIL', totpSecret: null, otpauthUrl: null, qrCode: null });
    const code = await mailedCode(instance, username);
    await confirmWith(client, enrolment.enrolmentToken, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(await methodsOf(client)).toEqual(['EMAIL']);
    const verified = await execute(
      instance,
      `select 1 from users where username = '${username}' and email_verified_at is not null`,
    );
    expect(verified).toHaveLength(1);
  });

  test('the second one brings no recovery codes', async () => {
    const recoveryCodes = await switchOnEmail(instance, client, username);
    expect(recoveryCodes).toHaveLength(10);
    expect((await switchOnTotp(instance, client)).recoveryCodes).toEqual([]);
    expect(await methodsOf(client)).toEqual(['EMAIL', 'TOTP']);
  });

  test('each change ends the other sessions, is recorded and is told', async () => {
    const other = await instance.client().signIn(username);
    // Mails of one moment are in no order.
    instance.clock.advance(1_000);
    const { secret } = await switchOnTotp(instance, client);
    expect(reasonOf(await instance.client().refresh(other.refreshToken))).toBe('REVOKED');
    expect((await lastMail(instance, username)).subject).toContain('second factor was added');

    const signInAgain = async () => {
      const challenge = await challengeOf(instance.client(), username);
      const answer = await tryCode(instance.client(), challenge, 'TOTP', totpCode(instance, secret));
      instance.clock.advance(30_000);
      return String(answer.data?.completeSecondFactor.refreshToken);
    };
    const again = await signInAgain();
    await client.data(regenerate, { password: passwordOf(username) });
    expect(reasonOf(await instance.client().refresh(again))).toBe('REVOKED');
    expect((await lastMail(instance, username)).subject).toContain('New recovery codes');

    const once = await signInAgain();
    await client.data(disable, { input: { method: 'TOTP', password: passwordOf(username) } });
    expect(reasonOf(await instance.client().refresh(once))).toBe('REVOKED');
    expect((await lastMail(instance, username)).subject).toContain('second factor was removed');
    await client.data('{ me { id } }');

    const events = await execute<{ detail: string }>(
      instance,
      `select detail from security_events e join users u on u.id = e.user_id
        where type = 'second_factor_changed' and username = '${username}' order by e.created_at`,
    );
    expect(events.map(({ detail }) => detail)).toEqual(['TOTP', 'RECOVERY_CODE', 'TOTP']);
  });

  test('disabling the last one takes the recovery codes along, one of two does not', async () => {
    await switchOnEmail(instance, client, username);
    await switchOnTotp(instance, client);
    const codes = () =>
      execute(
        instance,
        `select 1 from recovery_codes r join users u on u.id = r.user_id where username = '${username}'`,
      );
    const input = { password: passwordOf(username) };
    const { disableSecondFactor } = await client.data<{ disableSecondFactor: object }>(disable, {
      input: { ...input, method: 'EMAIL' },
    });
    expect(disableSecondFactor).toMatchObject({
      email: `${username}@example.com`,
      secondFactors: [{ method: 'TOTP' }],
    });
    expect(await codes()).toHaveLength(10);
    await client.data(disable, { input: { ...input, method: 'TOTP' } });
    expect(await codes()).toHaveLength(0);
    await instance.client().signIn(username);
  });

  test('a wrong first code is an issue of the input, and after five the enrolment is over', async () => {
    const { enrolmentToken, totpSecret } = await begin(client, 'TOTP');
    const right = totpCode(instance, String(totpSecret));
    for (let tries = 0; tries < 5; tries += 1) {
      const { extensions } = await client.error(confirm, { input: { enrolmentToken, code: wrong(right) } });
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['input', 'code'] }] });
    }
    const { extensions } = await client.error(confirm, { input: { enrolmentToken, code: right } });
    expect(extensions).toMatchObject({ code: 'TOKEN_NOT_VALID', reason: 'REVOKED' });
    expect(await methodsOf(client)).toEqual([]);
  });

  test('begins ten times an hour at most, for each enrolment sends a mail, maybe to a stranger', async () => {
    const mailed = async () =>
      (await instance.mailsTo(`${username}@example.com`)).filter(({ text }) => /^ {4}\d{6}$/m.test(text)).length;
    await begin(client, 'TOTP');
    for (let times = 0; times < 9; times++) await begin(client, 'EMAIL');
    const { extensions } = await client.error(start, { method: 'EMAIL' });
    expect(extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 60 * 60 });
    expect(codeOf(await client.query(start, { method: 'TOTP' }))).toBe('RATE_LIMITED');
    expect(await mailed()).toBe(9);
    instance.clock.advance(60 * minute);
    await client.signIn(username);
    await begin(client, 'EMAIL');
    expect(await mailed()).toBe(10);
  });

  test('an enrolment works once, for ten minutes, for its user, and until the next one begins', async () => {
    const input = async ({ enrolmentToken, totpSecret }: Awaited<ReturnType<typeof begin>>) => ({
      input: { enrolmentToken, code: totpCode(instance, String(totpSecret)) },
    });
    const first = await begin(client, 'TOTP');
    const second = await begin(client, 'TOTP');
    expect(reasonOf(await client.query(confirm, await input(first)))).toBe('REVOKED');

    const stranger = instance.client();
    await stranger.register(`stranger-of-${username}`);
    await stranger.signIn(`stranger-of-${username}`);
    expect(reasonOf(await stranger.query(confirm, await input(second)))).toBe('REVOKED');

    instance.clock.advance(4 * minute);
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => client.query(confirm, await input(second))),
    );
    expect(answers.map(reasonOf).sort()).toEqual(['OK', 'REVOKED', 'REVOKED', 'REVOKED', 'REVOKED']);
    expect(await methodsOf(client)).toEqual(['TOTP']);

    const third = await begin(client, 'EMAIL');
    const code = await mailedCode(instance, username);
    instance.clock.advance(10 * minute);
    expect(reasonOf(await client.query(confirm, { input: { enrolmentToken: third.enrolmentToken, code } }))).toBe(
      'EXPIRED',
    );
  });

  test.each([
    ['nothing', '', 'MALFORMED'],
    ['what is no token', 'abc', 'MALFORMED'],
    ['a token of nobody', 'A'.repeat(43), 'REVOKED'],
  ])('%s is no enrolment', async (_, enrolmentToken, reason) => {
    expect(reasonOf(await client.query(confirm, { input: { enrolmentToken, code: '123456' } }))).toBe(reason);
  });

  test('another authenticator takes the place of the one before', async () => {
    const old = await switchOnTotp(instance, client);
    const next = await switchOnTotp(instance, client);
    expect(next.recoveryCodes).toEqual([]);
    const challenge = await challengeOf(instance.client(), username);
    const answers = [
      await tryCode(instance.client(), challenge, 'TOTP', totpCode(instance, old.secret)),
      await tryCode(instance.client(), challenge, 'TOTP', totpCode(instance, next.secret)),
    ];
    expect(answers.map(codeOf)).toEqual(['INVALID_CREDENTIALS', 'OK']);
  });

  describe('refuses', () => {
    test('recovery codes as a factor of their own', async () => {
      const { extensions } = await client.error(start, { method: 'RECOVERY_CODE' });
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['method'] }] });
      const input = { method: 'RECOVERY_CODE', password: passwordOf(username) };
      expect((await client.error(disable, { input })).extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        issues: [{ path: ['input', 'method'] }],
      });
    });

    test('to begin when the sign-in is older than ten minutes, but for the password', async () => {
      instance.clock.advance(10 * minute + 1_000);
      expect((await client.error(start, { method: 'TOTP' })).extensions).toEqual({
        code: 'FORBIDDEN',
        reason: 'SIGN_IN_TOO_OLD',
      });
      const guess = { method: 'TOTP', password: 'a wrong guess' };
      expect(codeOf(await client.query(start, guess))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await client.query(start, { method: 'TOTP', password: passwordOf(username) }))).toBe('OK');
    });

    test('to change anything for a wrong password', async () => {
      await switchOnTotp(instance, client);
      const input = { method: 'TOTP', password: 'a wrong guess' };
      expect(codeOf(await client.query(disable, { input }))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await client.query(regenerate, { password: 'a wrong guess' }))).toBe('INVALID_CREDENTIALS');
      expect(await methodsOf(client)).toEqual(['TOTP']);
    });

    test('to switch off or renew what is not on', async () => {
      const password = passwordOf(username);
      expect(codeOf(await client.query(disable, { input: { method: 'TOTP', password } }))).toBe('NOT_FOUND');
      expect(codeOf(await client.query(regenerate, { password }))).toBe('NOT_FOUND');
    });
  });

  test('nothing that is kept shows a secret or a code', async () => {
    const { enrolmentToken, totpSecret } = await begin(client, 'TOTP');
    const [{ data } = { data: '' }] = await execute<{ data: string }>(
      instance,
      `select data::text from one_time_tokens t join users u on u.id = t.user_id
        where username = '${username}' and purpose = 'FACTOR_ENROLMENT'`,
    );
    expect(data).toMatch(/"method": ?"TOTP"/);
    expect(data).not.toContain(String(totpSecret));
    const { recoveryCodes } = await confirmWith(client, enrolmentToken, totpCode(instance, String(totpSecret)));
    const kept = await execute<{ bytes: string }>(
      instance,
      "select encode(secret, 'escape') as bytes from second_factors union all select encode(hash, 'escape') from recovery_codes",
    );
    expect(kept.length).toBeGreaterThan(10);
    const bytes = kept.map((row) => row.bytes).join('\n');
    for (const secret of [totpSecret, ...recoveryCodes]) expect(bytes).not.toContain(String(secret));
  });
});
