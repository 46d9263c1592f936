import { createTestApp, type TestApp, type TestAppOptions } from '../../support/app.js';
import { passwordOf } from '../../support/client.js';
import { testDatabaseKinds } from '../../support/databases.js';
import { appOfTest, attempt, codeOf, execute, minute, reasonOf } from '../support.js';
import {
  begin,
  challengeOf,
  confirm,
  confirmWith,
  mailedCode,
  switchOnEmail,
  switchOnTotp,
  totpCode,
  tryCode,
} from './support.js';

const day = 24 * 60 * minute;

describe.each(testDatabaseKinds)('the limits on codes, on %s', (kind) => {
  /** Alice, with an authenticator. */
  const scene = async (options: TestAppOptions = {}) => {
    const instance = await appOfTest(kind, options);
    const client = instance.client();
    const { id } = await client.register('alice');
    await client.signIn('alice');
    return { instance, client, id, ...(await switchOnTotp(instance, client)) };
  };
  const challenge = (instance: TestApp) => challengeOf(instance.client(), 'alice');
  /** Wrong codes, five to a challenge; what came of each. */
  const guesses = async (instance: TestApp, number: number): Promise<string[]> => {
    const codes: string[] = [];
    while (codes.length < number) {
      const waiting = await challenge(instance);
      for (let tries = 0; tries < 5 && codes.length < number; tries += 1) {
        codes.push(codeOf(await tryCode(instance.client(), waiting, 'TOTP', 'wrong')));
      }
    }
    return codes;
  };
  const warnings = async (instance: TestApp) =>
    (await instance.mailsTo('alice@example.com')).filter(({ subject }) => subject.includes('guesses codes'));

  test('twenty wrong ones are enough for a day, in whatever challenges: then even a right one has to wait', async () => {
    const { instance, secret, recoveryCodes } = await scene();
    expect(await guesses(instance, 19)).toEqual(Array(19).fill('INVALID_CREDENTIALS'));
    expect(await warnings(instance)).toHaveLength(0);
    expect(await guesses(instance, 1)).toEqual(['INVALID_CREDENTIALS']);
    expect(await warnings(instance)).toHaveLength(1);
    const waiting = await challenge(instance);
    const limited = await tryCode(instance.client(), waiting, 'TOTP', totpCode(instance, secret));
    expect(limited.errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: day / 1_000 });
    expect(await guesses(instance, 3)).toEqual(Array(3).fill('RATE_LIMITED'));
    expect(await warnings(instance)).toHaveLength(1);

    // Nobody is locked out by a stranger: a recovery code cannot be guessed, so it draws on nothing.
    expect(codeOf(await tryCode(instance.client(), waiting, 'RECOVERY_CODE', String(recoveryCodes[0])))).toBe('OK');
    instance.clock.advance(day);
    const after = await challenge(instance);
    expect(codeOf(await tryCode(instance.client(), after, 'TOTP', totpCode(instance, secret)))).toBe('OK');
  });

  test('right ones do not count', async () => {
    const { instance, secret } = await scene({ env: { SECOND_FACTOR_LIMIT: '2/1d' } });
    for (let times = 0; times < 4; times += 1) {
      instance.clock.advance(minute);
      const waiting = await challenge(instance);
      expect(codeOf(await tryCode(instance.client(), waiting, 'TOTP', totpCode(instance, secret)))).toBe('OK');
    }
    expect(await guesses(instance, 3)).toEqual(['INVALID_CREDENTIALS', 'INVALID_CREDENTIALS', 'RATE_LIMITED']);
  });

  test('setting up a factor draws on the same', async () => {
    const { instance, client } = await scene({ env: { SECOND_FACTOR_LIMIT: '4/1d' } });
    await guesses(instance, 3);
    const { enrolmentToken } = await begin(client, 'EMAIL');
    const input = { enrolmentToken, code: 'wrong' };
    expect(codeOf(await client.query(confirm, { input }))).toBe('BAD_USER_INPUT');
    expect(codeOf(await client.query(confirm, { input }))).toBe('RATE_LIMITED');
    expect(await guesses(instance, 1)).toEqual(['RATE_LIMITED']);
    expect(await warnings(instance)).toHaveLength(1);
  });

  test('many at once get no more than there are', async () => {
    const { instance } = await scene({ env: { SECOND_FACTOR_LIMIT: '7/1d' } });
    const waiting = await Promise.all(Array.from({ length: 4 }, () => challenge(instance)));
    const answers = await Promise.all(
      waiting.flatMap((one) => Array.from({ length: 5 }, () => tryCode(instance.client(), one, 'TOTP', 'wrong'))),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'INVALID_CREDENTIALS')).toHaveLength(7);
    expect(answers.filter((answer) => codeOf(answer) === 'RATE_LIMITED')).toHaveLength(13);
    expect(await warnings(instance)).toHaveLength(1);
    expect(await execute(instance, "select 1 from security_events where type = 'codes_guessed'")).toHaveLength(1);
  });

  test('sign-ins that wait for their second factor count as failed, until they are completed', async () => {
    const { instance, secret } = await scene({ env: { SIGN_IN_LIMIT_PAIR: '3/5m' } });
    const first = await challenge(instance);
    for (let times = 0; times < 2; times += 1) await challenge(instance);
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('RATE_LIMITED');
    expect(codeOf(await tryCode(instance.client(), first, 'TOTP', totpCode(instance, secret)))).toBe('OK');
    await challenge(instance);
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('RATE_LIMITED');
  });
});

describe.each(testDatabaseKinds)('REQUIRE_SECOND_FACTOR, on %s', (kind) => {
  const scene = async (required: string) => {
    const instance = await appOfTest(kind, { env: { REQUIRE_SECOND_FACTOR: required } });
    await instance.client().register('alice');
    const root = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), root, 'ADMIN');
    return instance;
  };
  const outcome = async (instance: TestApp, username: string) => {
    const { data } = await attempt(instance.client(), username, passwordOf(username));
    return Object.keys(data?.obtainToken ?? {}).length > 0 ? 'signed in' : 'asked';
  };

  test.each([
    ['none', 'signed in', 'signed in'],
    ['admin', 'signed in', 'asked'],
    ['all', 'asked', 'asked'],
  ])('%s: a user is %s, an admin %s', async (required, user, admin) => {
    const instance = await scene(required);
    expect(await outcome(instance, 'alice')).toBe(user);
    expect(await outcome(instance, 'root')).toBe(admin);
  });

  test('who has set up no factor gets a code by e-mail, which verifies the address', async () => {
    const instance = await scene('all');
    const waiting = await challengeOf(instance.client(), 'alice');
    expect(waiting.methods).toEqual(['EMAIL']);
    const code = await mailedCode(instance, 'alice');
    const client = instance.client();
    const { data } = await tryCode(client, waiting, 'EMAIL', code);
    client.token = String(data?.completeSecondFactor.accessToken);
    expect(await client.data('{ me { secondFactors { method } } }')).toEqual({ me: { secondFactors: [] } });
    expect(
      await execute(instance, "select 1 from users where username = 'alice' and email_verified_at is not null"),
    ).toHaveLength(1);

    const { secret } = await switchOnTotp(instance, client);
    const next = await challengeOf(instance.client(), 'alice');
    expect(next.methods).toEqual(['TOTP', 'RECOVERY_CODE']);
    expect(codeOf(await tryCode(instance.client(), next, 'TOTP', totpCode(instance, secret)))).toBe('OK');
  });
});

describe('a second factor and a sliding token', () => {
  test('do not go together: nothing is opened or mailed', async () => {
    const instance = await createTestApp('pglite', { env: { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' } });
    const client = instance.client();
    await client.register('alice');
    await client.signIn('alice');
    await switchOnEmail(instance, client, 'alice');
    const mails = (await instance.mailsTo('alice@example.com')).length;
    const obtain = 'mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { token } }';
    const input = { username: 'alice', password: passwordOf('alice') };
    expect(codeOf(await instance.client().query(obtain, { input: { ...input, password: 'a guess' } }))).toBe(
      'INVALID_CREDENTIALS',
    );
    const { message, extensions } = await instance.client().error(obtain, { input });
    expect([message, extensions.code]).toEqual([expect.stringContaining('obtainToken'), 'FORBIDDEN']);
    expect(await instance.mailsTo('alice@example.com')).toHaveLength(mails);
    expect(await execute(instance, 'select 1 from sessions where ended_at is null')).toHaveLength(1);
    await instance.stop();
  });
});

describe('the keys of second factors', () => {
  test('outlive another signing key where KEY_ENCRYPTION_KEY is set, also when it is set later', async () => {
    const before = await appOfTest('postgres');
    const client = before.client();
    await client.register('alice');
    await client.signIn('alice');
    const { secret, recoveryCodes } = await switchOnTotp(before, client);
    const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
    const { database, clock } = before;
    const after = await appOfTest('postgres', { database, clock, env: { KEY_ENCRYPTION_KEY } });
    for (const [method, code] of [
      ['TOTP', totpCode(before, secret)],
      ['RECOVERY_CODE', String(recoveryCodes[0])],
    ] as const) {
      const waiting = await challengeOf(after.client(), 'alice');
      expect(codeOf(await tryCode(after.client(), waiting, method, code))).toBe('OK');
    }
    const owner = after.client();
    const waiting = await challengeOf(owner, 'alice');
    const { data } = await tryCode(owner, waiting, 'RECOVERY_CODE', String(recoveryCodes[1]));
    owner.token = String(data?.completeSecondFactor.accessToken);
    const { enrolmentToken, totpSecret } = await begin(owner, 'TOTP');
    await confirmWith(owner, enrolmentToken, totpCode(after, String(totpSecret)));
    clock.advance(minute);
    const JWT_SIGNING_KEY = 'another test key of thirty-two bytes, or more';
    const later = await appOfTest('postgres', { database, clock, env: { KEY_ENCRYPTION_KEY, JWT_SIGNING_KEY } });
    const last = await challengeOf(later.client(), 'alice');
    expect(reasonOf(await tryCode(later.client(), last, 'TOTP', totpCode(later, String(totpSecret))))).toBe('OK');
  });
});
