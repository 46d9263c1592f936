import { argon2id, hash } from 'argon2';
import { argon2Parameters } from '../../src/modules/users/password-hasher.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { appOfTest, attempt, codeOf, execute, minute, seen } from './support.js';

describe.each(testDatabaseKinds)('obtainToken, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, {
      argon2: argon2Parameters,
      env: { SIGN_IN_LIMIT_PAIR: '1000/5m', SIGN_IN_LIMIT_ADDRESS: '1000/5m', SIGN_IN_LIMIT_ACCOUNT: '1000/1h' },
    });
    for (const name of ['Alice', 'inactive', 'old']) await instance.client().register(name);
    await execute(instance, "update users set is_active = false where username = 'inactive'");
  });
  afterAll(() => instance.stop());

  const lastLoginOf = async (client: TestClient) =>
    (await client.data<{ me: { lastLoginAt: string | null } }>('{ me { lastLoginAt } }')).me.lastLoginAt;

  test.each(['Alice', 'alice', 'ALICE', 'Alice@example.com', 'ALICE@EXAMPLE.COM'])(
    '%s signs in, for names and addresses disregard case',
    async (identifier) => {
      const answer = await attempt(instance.client(), identifier, passwordOf('Alice'));
      expect(answer.errors).toEqual([]);
      expect(answer.data?.obtainToken.user.username).toBe('Alice');
    },
  );

  test.each([' Alice', 'Alice ', 'Alic', 'Alice%', 'Alice@', '', '@'])(
    '%j names nobody: nothing is trimmed or matched',
    async (identifier) => {
      expect(codeOf(await attempt(instance.client(), identifier, passwordOf('Alice')))).toBe('INVALID_CREDENTIALS');
    },
  );

  test('a password is good for as long as it is not changed', async () => {
    await instance.client().register('Methuselah');
    instance.clock.advance(969 * 365 * 24 * 60 * minute);
    expect(codeOf(await attempt(instance.client(), 'Methuselah', passwordOf('Methuselah')))).toBe('OK');
  });

  test('an unknown user, a wrong password and an inactive account get one answer, after the same work', async () => {
    const tries = [
      ['nobody', 'a long guess'],
      ['nobody@example.com', 'a long guess'],
      ['Alice', 'a long guess'],
      ['Alice', ''],
      ['inactive', passwordOf('inactive')],
      ['inactive', 'a long guess'],
    ] as const;
    const outcomes = [];
    for (const [username, password] of tries) {
      instance.takeStatements();
      const { status, data, errors } = await attempt(instance.client(), username, password);
      outcomes.push({ status, data, errors, statements: instance.takeStatements().length });
    }
    expect(outcomes[0]?.errors[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
    expect(outcomes[0]?.statements).toBe(3);
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });

  test('a sign-in is one session, with the time noted as the last one', async () => {
    const client = instance.client();
    const before = await execute(instance, 'select id from sessions');
    await client.signIn('Alice');
    expect(await lastLoginOf(client)).toBe(new Date(instance.clock.now()).toISOString());
    expect(await execute(instance, 'select id from sessions')).toHaveLength(before.length + 1);
    instance.clock.advance(minute);
    await instance.client().signIn('Alice');
    expect(await lastLoginOf(client)).toBe(new Date(instance.clock.now()).toISOString());
  });

  const rowOf = async (username: string) => {
    const rows = await execute<{ password_hash: string; token_version: number }>(
      instance,
      `select password_hash, token_version from users where username = '${username}'`,
    );
    return rows[0] ?? { password_hash: '', token_version: -1 };
  };
  const setOldHash = async (username: string) => {
    const weaker = await hash(passwordOf(username), { type: argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 });
    await execute(instance, `update users set password_hash = '${weaker}' where username = '${username}'`);
    return weaker;
  };

  test('a hash of other parameters is made anew at sign-in, and no session minds', async () => {
    const earlier = instance.client();
    await earlier.signIn('old');
    const weaker = await setOldHash('old');
    const { token_version } = await rowOf('old');

    expect(codeOf(await attempt(instance.client(), 'old', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    expect((await rowOf('old')).password_hash).toBe(weaker);
    await instance.client().signIn('old');
    const renewed = await rowOf('old');
    expect(renewed.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(renewed.token_version).toBe(token_version);
    await instance.client().signIn('old');
    expect((await rowOf('old')).password_hash).toBe(renewed.password_hash);
    await earlier.data('{ me { id } }');
  });

  test('of parallel sign-ins that all renew the hash, none is taken for a wrong password', async () => {
    await setOldHash('old');
    const sum = 'select sum(failures)::int as total from sign_in_attempts';
    const [before] = await execute<{ total: number }>(instance, sum);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, last) => attempt(instance.client(`192.0.2.${last}`), 'old', passwordOf('old'))),
    );
    expect(answers.map(codeOf)).toEqual(Array(6).fill('OK'));
    const [stillCounted] = await execute<{ total: number }>(instance, sum);
    expect(stillCounted).toEqual(before);
  });

  test.each([
    ['deactivated', 'quitter', 'is_active = false'],
    ['given another password', 'mover', "password_hash = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAA'"],
    ['renamed and deactivated', 'renamed', "username = 'another', is_active = false"],
  ])('a user who is %s while the password is checked gets no session', async (_how, username, change) => {
    const { id } = await instance.client().register(username);
    // Others wait for a hash before it, which leaves the time to change the account between check and session.
    const ahead = Array.from({ length: 6 }, (_, n) => attempt(instance.client(), `nobody${n}`, 'a long guess'));
    const racing = attempt(instance.client(), username, passwordOf(username));
    await seen(instance, /insert into sign_in_attempts/, 7);
    await execute(instance, `update users set ${change} where id = '${id}'`);
    expect(codeOf(await racing)).toBe('INVALID_CREDENTIALS');
    await Promise.all(ahead);
    expect(await execute(instance, `select id from sessions where user_id = '${id}'`)).toEqual([]);
  });

  test.each([
    ['username', 'a NUL character', 'ali\0ce'],
    ['username', 'half a surrogate pair', 'alice\ud800'],
    ['username', '255 characters', 'a'.repeat(255)],
    ['password', 'a NUL character', 'pass\0word'],
    ['password', 'half a surrogate pair', '\udc00password'],
    ['password', '257 characters', 'p'.repeat(257)],
    ['password', 'a megabyte less a little', 'p'.repeat(900_000)],
  ])('a %s with %s is BAD_USER_INPUT before any work', async (field, _what, value) => {
    instance.takeStatements();
    const input = { username: 'alice', password: passwordOf('Alice'), [field]: value };
    const answer = await attempt(instance.client(), input.username, input.password);
    expect(answer.errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', field], message: expect.any(String) }],
    });
    expect(instance.takeStatements()).toEqual([]);
  });

  test('256 characters outside the basic plane are a password like any other', async () => {
    const password = '🗝'.repeat(256);
    await instance.client().register('keys', password);
    expect(codeOf(await attempt(instance.client(), 'keys', password))).toBe('OK');
    expect(codeOf(await attempt(instance.client(), 'keys', `${password}🗝`))).toBe('BAD_USER_INPUT');
  });
});

describe.each(testDatabaseKinds)('obtainToken under other settings, on %s', (kind) => {
  test('JWT_UPDATE_LAST_LOGIN=false leaves the last sign-in alone', async () => {
    const instance = await appOfTest(kind, { env: { JWT_UPDATE_LAST_LOGIN: 'false' } });
    const client = instance.client();
    await client.register('alice');
    await client.signIn('alice');
    expect(await client.data('{ me { lastLoginAt } }')).toEqual({ me: { lastLoginAt: null } });
  });

  test('when too many wait for a hash, the next is SERVICE_UNAVAILABLE and does not count as a failure', async () => {
    const env = { PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '1' };
    const instance = await appOfTest(kind, { argon2: argon2Parameters, env });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => attempt(instance.client(), `user${index}`, 'a wrong guess')),
    );
    const shed = answers.filter((answer) => codeOf(answer) === 'SERVICE_UNAVAILABLE');
    const failed = answers.filter((answer) => codeOf(answer) === 'INVALID_CREDENTIALS');
    expect(shed.length).toBeGreaterThan(0);
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(shed.length + failed.length).toBe(20);
    expect(shed[0]?.errors[0]?.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) });
    const [counters] = await execute<{ address: number }>(
      instance,
      'select max(failures)::int as address from sign_in_attempts',
    );
    expect(counters).toEqual({ address: failed.length });
  });

  test('the line before one account is of bounded length', async () => {
    const instance = await appOfTest(kind);
    await instance.client().register('alice');
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => attempt(instance.client(), 'alice', passwordOf('alice'))),
    );
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === 'OK').length).toBeGreaterThanOrEqual(100);
    expect(codes.filter((code) => code === 'SERVICE_UNAVAILABLE').length).toBeGreaterThan(0);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toEqual([]);
  });
});
