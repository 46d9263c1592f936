import { createTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Pair, passwordOf, type TestClient } from '../../support/client.js';
import { testDatabaseKinds } from '../../support/databases.js';
import { attempt, codeOf, execute, minute, reasonOf, second, seen } from '../support.js';
import {
  begin,
  type Challenge,
  challengeOf,
  confirmWith,
  lastMail,
  mailedCode,
  resend,
  switchOnEmail,
  switchOnTotp,
  totpCode,
  tryCode,
  wrong,
} from './support.js';

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const times = <T>(number: number, make: (index: number) => T): T[] =>
  Array.from({ length: number }, (_, index) => make(index));

const opened = (answers: readonly Answer<unknown>[]) => answers.filter((answer) => codeOf(answer) === 'OK').length;

describe.each(testDatabaseKinds)('a sign-in with a second factor, on %s', (kind) => {
  let instance: TestApp;
  let username: string;
  let userId: string;
  let users = 0;

  beforeAll(async () => {
    // What is tried many times here are codes, which have a limit of their own.
    const env = { SIGN_IN_LIMIT_PAIR: '1000/5m', SIGN_IN_LIMIT_ADDRESS: '1000/5m' };
    instance = await createTestApp(kind, { env });
  });
  afterAll(() => instance.stop());

  /** Somebody who is signed in, and about to switch a factor on. */
  const newUser = async (): Promise<TestClient> => {
    username = `user${++users}`;
    const client = instance.client();
    userId = (await client.register(username)).id;
    await client.signIn(username);
    return client;
  };
  const withTotp = async () => switchOnTotp(instance, await newUser());
  const withEmail = async () => switchOnEmail(instance, await newUser(), username);
  const challenge = () => challengeOf(instance.client(), username);
  const sessions = () => execute(instance, `select 1 from sessions where user_id = '${userId}' and ended_at is null`);
  const complete = (waiting: Challenge, method: 'EMAIL' | 'TOTP' | 'RECOVERY_CODE', code: string) =>
    tryCode(instance.client(), waiting, method, code);

  test('waits five minutes for it, without a session', async () => {
    await withTotp();
    const before = await sessions();
    const waiting = await challenge();
    expect(waiting).toEqual({
      __typename: 'SecondFactorChallenge',
      challengeToken: expect.stringMatching(/^[\w-]{43}$/),
      methods: ['TOTP', 'RECOVERY_CODE'],
      expiresAt: new Date(instance.clock.now() + 5 * minute).toISOString(),
    });
    expect(await sessions()).toEqual(before);
  });

  test('by TOTP: the tokens say how and when, and the factor when it was used', async () => {
    const { secret } = await withTotp();
    const waiting = await challenge();
    instance.clock.advance(10 * second);
    const client = instance.client();
    const answer = await tryCode(client, waiting, 'TOTP', totpCode(instance, secret));
    const pair = answer.data?.completeSecondFactor as Pair;
    expect(claimsOf(pair.accessToken)).toMatchObject({
      amr: ['pwd', 'otp', 'mfa'],
      auth_time: Math.floor(instance.clock.now() / second),
    });
    expect(pair.user.username).toBe(username);
    client.token = pair.accessToken;
    const { me } = await client.data<{ me: object }>('{ me { lastLoginAt secondFactors { method lastUsedAt } } }');
    const now = new Date(instance.clock.now()).toISOString();
    expect(me).toEqual({ lastLoginAt: now, secondFactors: [{ method: 'TOTP', lastUsedAt: now }] });
    const refreshed = await client.refresh(pair.refreshToken);
    expect(claimsOf(String(refreshed.data?.refreshToken.accessToken))['amr']).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('by a code that is mailed with the challenge', async () => {
    await withEmail();
    const mails = await instance.mailsTo(`${username}@example.com`);
    const waiting = await challenge();
    expect(waiting.methods).toEqual(['EMAIL', 'RECOVERY_CODE']);
    expect(await instance.mailsTo(`${username}@example.com`)).toHaveLength(mails.length + 1);
    const code = await mailedCode(instance, username);
    expect(codeOf(await complete(waiting, 'EMAIL', wrong(code)))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await complete(waiting, 'EMAIL', ` ${code.slice(0, 3)}-${code.slice(3)} `))).toBe('OK');
    expect(reasonOf(await complete(waiting, 'EMAIL', code))).toBe('REVOKED');
    // A code belongs to its challenge.
    expect(codeOf(await complete(await challenge(), 'EMAIL', code))).toBe('INVALID_CREDENTIALS');
  });

  test('by either of two', async () => {
    const client = await newUser();
    await switchOnEmail(instance, client, username);
    const { secret } = await switchOnTotp(instance, client);
    const waiting = await challenge();
    expect(waiting.methods).toEqual(['EMAIL', 'TOTP', 'RECOVERY_CODE']);
    expect(codeOf(await complete(waiting, 'EMAIL', totpCode(instance, secret)))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await complete(waiting, 'TOTP', totpCode(instance, secret)))).toBe('OK');
  });

  test('by a method that the account has not fails like a wrong code', async () => {
    await withTotp();
    expect(codeOf(await complete(await challenge(), 'EMAIL', '123456'))).toBe('INVALID_CREDENTIALS');
  });

  test.each([
    ['no digits', 'abcdef'],
    ['too few', '12345'],
    ['too many', '1234567'],
    ['none', ''],
    ['letters of a recovery code', 'abcde-fghjk'],
  ])('by %s fails like a wrong code', async (_, code) => {
    await withTotp();
    const waiting = await challenge();
    for (const method of ['TOTP', 'RECOVERY_CODE'] as const) {
      expect(codeOf(await complete(waiting, method, code))).toBe('INVALID_CREDENTIALS');
    }
  });

  test.each([
    ['nothing', '', 'MALFORMED'],
    ['what is no token', 'abc', 'MALFORMED'],
    ['a token of nobody', 'A'.repeat(43), 'REVOKED'],
  ])('%s is no challenge', async (_, challengeToken, reason) => {
    expect(reasonOf(await tryCode(instance.client(), { challengeToken }, 'TOTP', '123456'))).toBe(reason);
    expect(reasonOf(await instance.client().query(resend, { token: challengeToken }))).toBe(reason);
  });

  test('is over after five minutes', async () => {
    const { secret } = await withTotp();
    const waiting = await challenge();
    instance.clock.advance(5 * minute);
    expect(reasonOf(await complete(waiting, 'TOTP', totpCode(instance, secret)))).toBe('EXPIRED');
  });

  test.each([
    ['a new password', 'password_changed_at = now()'],
    ['a deactivation', 'is_active = false'],
    ['another address', "email = 'new-' || email"],
  ])('is over with %s', async (_, assignment) => {
    const { secret } = await withTotp();
    const waiting = await challenge();
    await execute(instance, `update users set ${assignment} where id = '${userId}'`);
    expect(reasonOf(await complete(waiting, 'TOTP', totpCode(instance, secret)))).toBe('REVOKED');
  });

  test('is over once a factor has changed', async () => {
    const client = await newUser();
    const { secret } = await switchOnTotp(instance, client);
    const waiting = await challenge();
    const { enrolmentToken } = await begin(client, 'EMAIL');
    await confirmWith(client, enrolmentToken, await mailedCode(instance, username));
    expect(reasonOf(await complete(waiting, 'TOTP', totpCode(instance, secret)))).toBe('REVOKED');
  });

  describe('TOTP', () => {
    test.each([
      [-2, 'INVALID_CREDENTIALS'],
      [-1, 'OK'],
      [0, 'OK'],
      [1, 'OK'],
      [2, 'INVALID_CREDENTIALS'],
    ])('a code of %i steps from now: %s', async (steps, outcome) => {
      const { secret } = await withTotp();
      // The steps that confirmed the factor are far behind.
      instance.clock.advance(2 * minute);
      const code = totpCode(instance, secret, steps);
      expect(codeOf(await complete(await challenge(), 'TOTP', code))).toBe(outcome);
    });

    test('a step works once, in whatever challenge, and none before it does', async () => {
      const { secret } = await withTotp();
      instance.clock.advance(minute);
      const [before, now, after] = [-1, 0, 1].map((steps) => totpCode(instance, secret, steps));
      expect(codeOf(await complete(await challenge(), 'TOTP', String(now)))).toBe('OK');
      expect(codeOf(await complete(await challenge(), 'TOTP', String(now)))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await complete(await challenge(), 'TOTP', String(before)))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await complete(await challenge(), 'TOTP', String(after)))).toBe('OK');
    });

    test('the code that confirmed the factor does not sign in', async () => {
      const client = await newUser();
      const { enrolmentToken, totpSecret } = await begin(client, 'TOTP');
      const code = totpCode(instance, String(totpSecret));
      await confirmWith(client, enrolmentToken, code);
      expect(codeOf(await complete(await challenge(), 'TOTP', code))).toBe('INVALID_CREDENTIALS');
    });

    test('of one code in many challenges at the same instant, one opens a session', async () => {
      const { secret } = await withTotp();
      const waiting = await Promise.all(times(10, challenge));
      const before = (await sessions()).length;
      const code = totpCode(instance, secret);
      const answers = await Promise.all(waiting.map((one) => complete(one, 'TOTP', code)));
      expect(opened(answers)).toBe(1);
      expect(await sessions()).toHaveLength(before + 1);
    });
  });

  describe('a recovery code', () => {
    test('works once, however it is written, and the user is told how many are left', async () => {
      const { recoveryCodes } = await withTotp();
      const [first = '', another = ''] = recoveryCodes;
      expect(codeOf(await complete(await challenge(), 'RECOVERY_CODE', first))).toBe('OK');
      expect((await lastMail(instance, username)).text).toContain('9 left');
      expect(codeOf(await complete(await challenge(), 'RECOVERY_CODE', first))).toBe('INVALID_CREDENTIALS');
      instance.clock.advance(second);
      const spaced = ` ${another.toUpperCase().replace('-', ' ')} `;
      expect(codeOf(await complete(await challenge(), 'RECOVERY_CODE', spaced))).toBe('OK');
      expect((await lastMail(instance, username)).text).toContain('8 left');
    });

    test('of another account is none', async () => {
      const { recoveryCodes } = await withTotp();
      await withTotp();
      const answer = await complete(await challenge(), 'RECOVERY_CODE', String(recoveryCodes[0]));
      expect(codeOf(answer)).toBe('INVALID_CREDENTIALS');
    });

    test('in many challenges at the same instant opens one session', async () => {
      const { recoveryCodes } = await withTotp();
      const waiting = await Promise.all(times(10, challenge));
      const answers = await Promise.all(waiting.map((one) => complete(one, 'RECOVERY_CODE', String(recoveryCodes[0]))));
      expect(opened(answers)).toBe(1);
    });

    test('is not offered once all are used', async () => {
      const { recoveryCodes } = await withTotp();
      for (const code of recoveryCodes)
        expect(codeOf(await complete(await challenge(), 'RECOVERY_CODE', code))).toBe('OK');
      expect((await challenge()).methods).toEqual(['TOTP']);
    });
  });

  describe('at the same instant', () => {
    test.each(['EMAIL', 'TOTP', 'RECOVERY_CODE'] as const)(
      'fifty right codes (%s) open one session',
      async (method) => {
        const client = await newUser();
        const { secret, recoveryCodes } = await switchOnTotp(instance, client);
        await switchOnEmail(instance, client, username);
        const waiting = await challenge();
        const codes = {
          EMAIL: await mailedCode(instance, username),
          TOTP: totpCode(instance, secret),
          RECOVERY_CODE: String(recoveryCodes[0]),
        };
        const before = (await sessions()).length;
        const answers = await Promise.all(times(50, () => complete(waiting, method, codes[method])));
        expect(opened(answers)).toBe(1);
        expect(await sessions()).toHaveLength(before + 1);
        const others = answers.filter((answer) => codeOf(answer) !== 'OK').map(reasonOf);
        expect(new Set(others)).toEqual(new Set(['REVOKED']));
      },
    );

    test('five wrong codes end the challenge', async () => {
      await withEmail();
      const waiting = await challenge();
      const code = await mailedCode(instance, username);
      const answers = await Promise.all(times(5, (index) => complete(waiting, 'EMAIL', wrong(String(index)))));
      expect(answers.map(codeOf)).toEqual(times(5, () => 'INVALID_CREDENTIALS'));
      expect(reasonOf(await complete(waiting, 'EMAIL', code))).toBe('REVOKED');
    });

    test('of twenty wrong codes five are compared at most', async () => {
      await withEmail();
      const waiting = await challenge();
      const code = await mailedCode(instance, username);
      const answers = await Promise.all(times(20, () => complete(waiting, 'EMAIL', wrong(code))));
      expect(answers.filter((answer) => codeOf(answer) === 'INVALID_CREDENTIALS')).toHaveLength(5);
      expect(answers.filter((answer) => reasonOf(answer) === 'REVOKED')).toHaveLength(15);
    });
  });

  describe('a code that is sent again', () => {
    const again = ({ challengeToken }: Challenge) => instance.client().query(resend, { token: challengeToken });

    test('is another one, and the one before is good for nothing; the challenge stays as it is', async () => {
      await withEmail();
      const waiting = await challenge();
      const first = await mailedCode(instance, username);
      instance.clock.advance(minute);
      const { data } = await again(waiting);
      const { challengeToken, methods, expiresAt } = waiting;
      expect(data).toEqual({ resendSecondFactorCode: { challengeToken, methods, expiresAt } });
      const next = await mailedCode(instance, username);
      if (first !== next) expect(codeOf(await complete(waiting, 'EMAIL', first))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await complete(waiting, 'EMAIL', next))).toBe('OK');
      expect(reasonOf(await again(waiting))).toBe('REVOKED');
    });

    test('comes at most once in half a minute, also for many requests at once', async () => {
      await withEmail();
      const waiting = await challenge();
      const answers = await Promise.all(times(6, () => again(waiting)));
      expect(answers.map(codeOf).sort()).toEqual(['OK', ...times(5, () => 'RATE_LIMITED')]);
      instance.clock.advance(20 * second);
      expect((await again(waiting)).errors[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 10 });
      instance.clock.advance(10 * second);
      expect(codeOf(await again(waiting))).toBe('OK');
      const mails = (await instance.mailsTo(`${username}@example.com`)).filter(({ text }) =>
        text.includes('right password'),
      );
      expect(mails).toHaveLength(3);
    });

    test('brings no new tries', async () => {
      await withEmail();
      const waiting = await challenge();
      for (let tries = 0; tries < 4; tries += 1) await complete(waiting, 'EMAIL', 'wrong');
      expect(codeOf(await again(waiting))).toBe('OK');
      expect(codeOf(await complete(waiting, 'EMAIL', 'wrong'))).toBe('INVALID_CREDENTIALS');
      expect(reasonOf(await complete(waiting, 'EMAIL', await mailedCode(instance, username)))).toBe('REVOKED');
      expect(reasonOf(await again(waiting))).toBe('REVOKED');
    });

    test('is refused where there is none', async () => {
      await withTotp();
      expect((await again(await challenge())).errors[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        issues: [{ path: ['challengeToken'] }],
      });
    });
  });

  test('counts its events once each', async () => {
    const { secret } = await withTotp();
    const waiting = await challenge();
    await complete(waiting, 'TOTP', 'wrong');
    await complete(waiting, 'TOTP', totpCode(instance, secret));
    const events = await execute<{ type: string; count: number }>(
      instance,
      `select type, count(*)::int as count from security_events where user_id = '${userId}' group by type order by type`,
    );
    expect(events).toEqual([
      { type: 'second_factor_asked', count: 1 },
      { type: 'second_factor_changed', count: 1 },
      { type: 'second_factor_failed', count: 1 },
      { type: 'signed_in', count: 2 },
    ]);
  });

  test('delivers the refresh token as a cookie where the sign-in asked for that', async () => {
    const { secret } = await withTotp();
    const client = instance.client();
    const waiting = await challengeOf(client, username, { cookie: true });
    const { data, headers } = await tryCode(client, waiting, 'TOTP', totpCode(instance, secret));
    expect(data?.completeSecondFactor.refreshToken).toBeNull();
    expect(String(headers['set-cookie'])).toMatch(
      /^postern_refresh=[^;]+; Path=\/graphql; .*HttpOnly; SameSite=Strict/,
    );
  });

  test('writes down a new hash of the password while it is known', async () => {
    const { secret } = await withTotp();
    const hash = () =>
      execute<{ password_hash: string }>(instance, `select password_hash from users where id = '${userId}'`);
    const { hash: weak } = await import('argon2');
    const old = await weak(passwordOf(username), { memoryCost: 2_048, timeCost: 2, parallelism: 1 });
    await execute(instance, `update users set password_hash = '${old}' where id = '${userId}'`);
    const waiting = await challenge();
    expect(await hash()).not.toEqual([{ password_hash: old }]);
    expect(codeOf(await complete(waiting, 'TOTP', totpCode(instance, secret)))).toBe('OK');
  });
});

describe('a factor that is switched on while somebody signs in', () => {
  test('is asked for all the same', async () => {
    const instance = await createTestApp('postgres');
    const { id } = await instance.client().register('alice');
    const em = instance.app.database.fork();
    await em.begin();
    await em.execute(`update users set factor_version = factor_version + 1 where id = '${id}'`);
    instance.takeStatements();
    const answer = attempt(instance.client(), 'alice', passwordOf('alice'));
    await seen(instance, /with account as/);
    await em.execute(`insert into second_factors values ('${id}', 'EMAIL', null, null, now())`);
    await em.commit();
    expect(await answer).toMatchObject({ data: { obtainToken: {} }, errors: [] });
    expect(await execute(instance, 'select 1 from sessions')).toEqual([]);
    await instance.stop();
  });
});
