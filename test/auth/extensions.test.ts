import jwt from 'jsonwebtoken';
import { forbidden, invalidCredentials } from '../../src/common/errors.js';
import type { Extensions, ExtensionUser } from '../../src/modules/auth/extensions.js';
import type { TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { ordinaryDatabaseKinds, type TestDatabaseKind } from '../support/databases.js';
import { appOfTest, attempt, codeOf, execute, minute, reasonOf } from './support.js';

const sliding = { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' };
const obtainSliding = `mutation ($input: ObtainSlidingTokenInput!) {
  obtainSlidingToken(input: $input) { token }
}`;
const refreshSliding = 'mutation ($token: String!) { refreshSlidingToken(token: $token) { token } }';
const claimsOf = (token: string | undefined): jwt.JwtPayload => jwt.decode(token ?? '', { json: true }) ?? {};

interface Options {
  readonly env?: Record<string, string>;
  readonly log?: string[];
  readonly extensionTimeout?: number;
}

async function start(
  kind: TestDatabaseKind,
  extensions: Extensions,
  { env = {}, log, extensionTimeout }: Options = {},
): Promise<TestApp> {
  const instance = await appOfTest(kind, {
    extensions,
    ...(extensionTimeout !== undefined && { extensionTimeout }),
    env: { ...sliding, ...env },
    log: (line) => void log?.push(line),
  });
  await instance.client().register('alice');
  return instance;
}

/** Signs in for a sliding token. */
async function slidingOf(instance: TestApp, username: string): Promise<string> {
  const input = { username, password: passwordOf(username) };
  const { obtainSlidingToken } = await instance
    .client()
    .data<{ obtainSlidingToken: { token: string } }>(obtainSliding, { input });
  return obtainSlidingToken.token;
}

/** Resolves with what the hook was called with, of which the answer does not wait. */
function called<Arguments extends unknown[]>(): { hook(...args: Arguments): void; readonly args: Promise<Arguments> } {
  const { promise, resolve } = Promise.withResolvers<Arguments>();
  return { hook: (...args) => resolve(args), args: promise };
}

describe.each(ordinaryDatabaseKinds)('extensions, on %s', (kind) => {
  describe('claims', () => {
    test('are in access and sliding tokens, and not in refresh tokens', async () => {
      const instance = await start(kind, {
        claims: ({ username }) => ({ plan: 'gold', groups: ['a', 'b'], nested: { name: username, none: null } }),
      });
      const { accessToken, refreshToken } = await instance.client().signIn('alice');
      const expected = { plan: 'gold', groups: ['a', 'b'], nested: { name: 'alice', none: null } };
      expect(claimsOf(accessToken)).toMatchObject({ ...expected, token_type: 'access', role: 'user' });
      expect(claimsOf(await slidingOf(instance, 'alice'))).toMatchObject({ ...expected, token_type: 'sliding' });
      expect(Object.keys(claimsOf(refreshToken)).sort()).toEqual(
        ['exp', 'iat', 'jti', 'sid', 'token_type', 'user_id'].sort(),
      );
    });

    test('are asked for anew at every refresh, with the user as it is then', async () => {
      let plan = 'silver';
      const seen: ExtensionUser[] = [];
      const instance = await start(kind, {
        claims: async (user) => {
          seen.push(user);
          return { plan };
        },
      });
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      const token = await slidingOf(instance, 'alice');
      plan = 'gold';
      await execute(instance, "update users set email = 'new@example.com' where username = 'alice'");
      const answer = await client.refresh(refreshToken);
      expect(claimsOf(answer.data?.refreshToken.accessToken)).toMatchObject({ plan: 'gold', email: 'new@example.com' });
      const repeated = await client.refresh(refreshToken);
      expect(claimsOf(repeated.data?.refreshToken.accessToken)).toMatchObject({ plan: 'gold' });
      const renewed = await client.data<{ refreshSlidingToken: { token: string } }>(refreshSliding, { token });
      expect(claimsOf(renewed.refreshSlidingToken.token)).toMatchObject({ plan: 'gold' });
      expect(seen.at(-1)).toMatchObject({ username: 'alice', email: 'new@example.com', role: 'USER', isActive: true });
      for (const user of seen) expect(JSON.stringify(user)).not.toContain('argon2');
    });

    test.each<[what: string, claims: object, env: Record<string, string>, told: string]>([
      ['exp', { exp: 1 }, {}, 'exp'],
      ['role', { role: 'admin' }, {}, 'role'],
      ['the user id', { user_id: 'x' }, {}, 'user_id'],
      ['a configured name', { sub: 'x' }, { JWT_USER_ID_CLAIM: 'sub' }, 'sub'],
      ['refresh_exp', { refresh_exp: 1 }, {}, 'refresh_exp'],
      ['too much', { much: 'x'.repeat(4_096) }, {}, '4107 bytes'],
    ])('that would set %s are an INTERNAL_SERVER_ERROR, and the log says why', async (_what, claims, env, told) => {
      const log: string[] = [];
      const instance = await start(kind, { claims: () => ({ ...claims }) }, { env, log });
      expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('INTERNAL_SERVER_ERROR');
      const lines = log.filter((line) => line.includes('extension `claims`'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(told);
      expect(await execute(instance, 'select id from sessions')).toEqual([]);
    });

    test('as large as they may be make tokens that are accepted', async () => {
      const key = { JWT_ALGORITHM: 'HS512', JWT_SIGNING_KEY: 'k'.repeat(64) };
      const instance = await start(kind, { claims: () => ({ much: 'x'.repeat(4_096 - 11) }) }, { env: key });
      const client = instance.client();
      await client.signIn('alice');
      await client.data('{ me { id } }');
    });

    test('that fail at a refresh use nothing up: the same refresh token works afterwards', async () => {
      let broken = false;
      const instance = await start(kind, {
        claims: () => {
          if (broken) throw new Error('the billing service is away');
          return {};
        },
      });
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      broken = true;
      expect(codeOf(await client.refresh(refreshToken))).toBe('INTERNAL_SERVER_ERROR');
      instance.clock.advance(minute);
      broken = false;
      expect(codeOf(await client.refresh(refreshToken))).toBe('OK');
    });
  });

  describe('claims of one moment', () => {
    test('are asked for again where the user was changed while they were made', async () => {
      const changes: [column: string, value: string, claim: string, told: string][] = [
        ['role', 'ADMIN', 'role', 'admin'],
        ['email', 'another@example.com', 'email', 'another@example.com'],
      ];
      for (const [column, value, claim, told] of changes) {
        let change = '';
        const instance = await start(kind, {
          claims: async (user) => {
            if (change !== '') await execute(instance, change);
            return { seen: user.role === 'ADMIN' ? 'admin' : user.email };
          },
        });
        change = `update users set ${column} = '${value}' where username = 'alice' and ${column} <> '${value}'`;
        const client = instance.client();
        const { accessToken } = await client.signIn('alice');
        expect(claimsOf(accessToken)).toMatchObject({ [claim]: told, seen: told });
      }
    });

    test('are what they were when they were given, whatever becomes of the object', async () => {
      const instance = await start(kind, {
        claims: () => {
          const claims = { plan: 'gold' };
          setImmediate(() => Object.assign(claims, { plan: 'silver', role: 'admin', exp: 'never' }));
          return claims;
        },
      });
      const { accessToken } = await instance.client().signIn('alice');
      expect(claimsOf(accessToken)).toMatchObject({ plan: 'gold', role: 'user', exp: expect.any(Number) });
    });
  });

  describe('userAuthenticationRule', () => {
    test('refuses a sign-in after the right password, like a wrong one', async () => {
      const asked: string[] = [];
      const instance = await start(kind, {
        userAuthenticationRule: async ({ username }) => {
          asked.push(username);
          return username !== 'alice';
        },
      });
      await instance.client().register('bob');
      const wrong = await attempt(instance.client(), 'alice', 'a wrong guess');
      expect(asked).toEqual([]);
      const right = await attempt(instance.client(), 'alice', passwordOf('alice'));
      expect(right.errors).toEqual(wrong.errors);
      expect(codeOf(right)).toBe('INVALID_CREDENTIALS');
      const input = { username: 'alice', password: passwordOf('alice') };
      expect(codeOf(await instance.client().query(obtainSliding, { input }))).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await attempt(instance.client(), 'bob', passwordOf('bob')))).toBe('OK');
      const events = await execute(instance, "select 1 from security_events where type = 'sign_in_failed'");
      expect(events).toHaveLength(3);
    });

    test('refuses a refresh without using the token up, and ends nothing', async () => {
      let admitted = true;
      const instance = await start(kind, { userAuthenticationRule: () => admitted });
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      const token = await slidingOf(instance, 'alice');
      admitted = false;
      expect((await client.refresh(refreshToken)).errors[0]?.extensions).toEqual({
        code: 'TOKEN_NOT_VALID',
        reason: 'USER_INACTIVE',
      });
      expect(reasonOf(await client.query(refreshSliding, { token }))).toBe('USER_INACTIVE');
      expect(reasonOf(await client.query('{ me { id } }'))).toBe('OK');
      instance.clock.advance(minute);
      admitted = true;
      expect(reasonOf(await client.refresh(refreshToken))).toBe('OK');
      expect(reasonOf(await client.query(refreshSliding, { token }))).toBe('OK');
    });

    test('lets in nobody without a plain yes', async () => {
      const unwritten: unknown = async () => undefined;
      const instance = await start(kind, { userAuthenticationRule: unwritten as () => boolean });
      expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
    });

    test('lets in nobody who is not active', async () => {
      const instance = await start(kind, { userAuthenticationRule: () => true });
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      await execute(instance, "update users set is_active = false where username = 'alice'");
      expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
      expect(reasonOf(await client.refresh(refreshToken))).toBe('USER_INACTIVE');
      await execute(instance, "delete from users where username = 'alice'");
      expect(reasonOf(await client.refresh(refreshToken))).toBe('USER_INACTIVE');
    });
  });

  test('claims and rule cost one statement more, and none where there are none', async () => {
    const rounds: [Extensions, number, number][] = [
      [{}, 4, 1],
      [{ claims: () => ({ plan: 'gold' }), userAuthenticationRule: () => true }, 5, 2],
    ];
    for (const [extensions, signIn, refresh] of rounds) {
      const instance = await start(kind, extensions);
      const client = instance.client();
      instance.takeStatements();
      const { refreshToken } = await client.signIn('alice');
      expect(instance.takeStatements()).toHaveLength(signIn);
      await client.refresh(refreshToken);
      expect(instance.takeStatements()).toHaveLength(refresh);
    }
  });
});

describe('what claims and the rule throw', () => {
  const unreachable = Object.assign(new Error('connect ECONNREFUSED 192.0.2.9:443'), { code: 'ECONNREFUSED' });
  const faults: [fault: unknown, told: string][] = [
    [new TypeError('fetch failed', { cause: unreachable }), 'ECONNREFUSED'],
    [forbidden('You owe us money.'), 'You owe us money.'],
    [invalidCredentials(), 'No active account'],
    ['what is no error', 'what is no error'],
  ];
  test.each(['claims', 'userAuthenticationRule'] as const)(
    'is an INTERNAL_SERVER_ERROR to clients, whatever it is, and counts for nothing; the log names %s',
    async (name) => {
      const log: string[] = [];
      let fault: unknown;
      const fail = () => {
        throw fault;
      };
      const instance = await start('pglite', { [name]: fail }, { log, env: { SIGN_IN_LIMIT_PAIR: '1/5m' } });
      for (const [thrown, told] of faults) {
        fault = thrown;
        log.splice(0);
        const { errors } = await attempt(instance.client(), 'alice', passwordOf('alice'));
        const [error] = errors;
        expect(error).toMatchObject({
          message: 'Internal server error',
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
        });
        const lines = log.filter((line) => line.includes(`The extension \`${name}\` has failed.`));
        expect(lines).toEqual([expect.stringContaining(told)]);
        expect(lines[0]).not.toContain('the database is away');
      }
    },
  );

  test('is told of after a while where they give no answer, and nobody else has to wait', async () => {
    const log: string[] = [];
    const never = new Promise<never>(() => undefined);
    let hangs = true;
    const instance = await start('pglite', { claims: () => (hangs ? never : {}) }, { log, extensionTimeout: 20 });
    const hung = attempt(instance.client(), 'alice', passwordOf('alice'));
    const queued = attempt(instance.client(), 'alice', passwordOf('alice'));
    expect(codeOf(await hung)).toBe('INTERNAL_SERVER_ERROR');
    expect(codeOf(await queued)).toBe('INTERNAL_SERVER_ERROR');
    expect(log.filter((line) => line.includes('no answer within 20 ms'))).toHaveLength(2);
    hangs = false;
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('OK');
  });
});

describe('onLoginSuccess and onLoginFailed', () => {
  test('the one is told who has signed in and from where', async () => {
    const { hook, args } = called<Parameters<NonNullable<Extensions['onLoginSuccess']>>>();
    const others: unknown[] = [];
    const instance = await start('pglite', {
      onLoginSuccess: hook,
      onLoginFailed: (...told) => void others.push(told),
    });
    await instance.client('192.0.2.7').signIn('alice');
    const [user, request] = await args;
    expect(user).toMatchObject({ username: 'alice', lastLoginAt: new Date(instance.clock.now()) });
    expect(JSON.stringify(user)).not.toContain('argon2');
    expect(request).toEqual({ ipAddress: '192.0.2.7', userAgent: 'test client' });
    expect(others).toEqual([]);
  });

  test('whatever the one does to the user that it gets, the answer is as it was', async () => {
    const instance = await start('pglite', {
      onLoginSuccess: (user) => void Object.assign(user, { id: 'nobody', username: 'mallory' }),
    });
    const { user } = await instance.client().signIn('alice');
    expect(user).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), username: 'alice' });
  });

  test('the other is told what was typed as the name, and never the password', async () => {
    const { hook, args } = called<Parameters<NonNullable<Extensions['onLoginFailed']>>>();
    const others: unknown[] = [];
    const instance = await start('pglite', {
      onLoginFailed: hook,
      onLoginSuccess: (...told) => void others.push(told),
    });
    expect(codeOf(await attempt(instance.client('192.0.2.8'), 'Nobody', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    expect(await args).toEqual([{ username: 'Nobody' }, { ipAddress: '192.0.2.8', userAgent: 'test client' }]);
    expect(others).toEqual([]);
  });

  test('the other is told, too, of a right password that the rule refuses, which counts as a failure', async () => {
    const { hook, args } = called<Parameters<NonNullable<Extensions['onLoginFailed']>>>();
    const instance = await start(
      'pglite',
      { userAuthenticationRule: () => false, onLoginFailed: hook },
      { env: { SIGN_IN_LIMIT_PAIR: '1/5m' } },
    );
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
    expect(await args).toMatchObject([{ username: 'alice' }, {}]);
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('RATE_LIMITED');
  });

  test('both hear of sliding tokens too', async () => {
    const [success, failure] = [called(), called()];
    const instance = await start('pglite', { onLoginSuccess: success.hook, onLoginFailed: failure.hook });
    await slidingOf(instance, 'alice');
    await success.args;
    await instance.client().query(obtainSliding, { input: { username: 'alice', password: 'a wrong guess' } });
    await failure.args;
  });

  test('no answer waits for them, and what they throw is logged and harms nobody', async () => {
    const log: string[] = [];
    const instance = await start(
      'pglite',
      {
        onLoginSuccess: () => new Promise(() => undefined),
        onLoginFailed: () => {
          throw new Error('the mailer is away');
        },
      },
      { log },
    );
    await instance.client().signIn('alice');
    expect(codeOf(await attempt(instance.client(), 'alice', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    const lines = log.filter((line) => line.includes('onLoginFailed'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the mailer is away');
    expect(lines[0]).not.toContain('a wrong guess');
  });

  test('a sign-in that is refused before its password is looked at is no failed one', async () => {
    const failures: string[] = [];
    const instance = await start(
      'pglite',
      { onLoginFailed: ({ username }) => void failures.push(username) },
      { env: { SIGN_IN_LIMIT_PAIR: '1/5m' } },
    );
    expect(codeOf(await attempt(instance.client(), 'ali\0ce', 'a wrong guess'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await attempt(instance.client(), 'alice', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await attempt(instance.client(), 'alice', 'a wrong guess'))).toBe('RATE_LIMITED');
    expect(failures).toEqual(['alice']);
  });
});
