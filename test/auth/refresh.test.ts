import { createTestApp, type TestApp } from '../support/app.js';
import type { Answer, Pair } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';

const second = 1_000;

const reasonOf = (answer: Answer<unknown>) => answer.errors[0]?.extensions.reason;
const tokenOf = ({ data }: Answer<{ refreshToken: Pair } | null>): string => data?.refreshToken.refreshToken ?? 'none';

describe.each(testDatabaseKinds)('refreshToken, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  test('a lost answer is repeated: within the grace period the same token gets the same successor', async () => {
    const client = instance.client();
    const { refreshToken } = await client.signIn('alice');
    const lost = await client.refresh(refreshToken);
    instance.clock.advance(9 * second);
    const repeated = await client.refresh(refreshToken);
    expect(tokenOf(repeated)).toBe(tokenOf(lost));
    expect(repeated.data?.refreshToken.accessToken).not.toBe(lost.data?.refreshToken.accessToken);
    expect((await client.refresh(tokenOf(repeated))).errors).toEqual([]);
  });

  test('once the successor was rotated, the grace period is over: the whole session ends', async () => {
    const client = instance.client();
    const { refreshToken } = await client.signIn('alice');
    const second = await client.refresh(refreshToken);
    const third = await client.refresh(tokenOf(second));
    expect(reasonOf(await client.refresh(refreshToken))).toBe('REUSED');
    expect(reasonOf(await client.refresh(tokenOf(third)))).toBe('REVOKED');
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
  });

  test('50 parallel refreshes with one token give one successor, the same in every answer', async () => {
    const client = instance.client();
    const { refreshToken } = await client.signIn('alice');
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.refresh(refreshToken)));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(tokenOf)).size).toBe(1);

    instance.clock.advance(10 * second);
    client.token = answers[0]?.data?.refreshToken.accessToken ?? null;
    await client.data('{ me { id } }');
    expect(reasonOf(await client.refresh(refreshToken))).toBe('REUSED');
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
  });

  test('each refusal names its reason', async () => {
    const client = instance.client();
    const { accessToken, refreshToken } = await client.signIn('alice');
    const tampered = `${refreshToken.slice(0, -4)}AAAA`;
    expect(reasonOf(await client.query('mutation { refreshToken { accessToken } }'))).toBe('MISSING');
    expect(reasonOf(await client.refresh(''))).toBe('MALFORMED');
    expect(reasonOf(await client.refresh('a.b.c'))).toBe('MALFORMED');
    expect(reasonOf(await client.refresh(tampered))).toBe('MALFORMED');
    expect(reasonOf(await client.refresh(accessToken))).toBe('WRONG_TYPE');
    instance.clock.advance(86_400 * second);
    expect(reasonOf(await client.refresh(refreshToken))).toBe('EXPIRED');
  });

  test('the token of a user who was deactivated, deleted or got another password is refused', async () => {
    const client = instance.client();
    const run = (sql: string) => instance.app.database.fork().execute(sql);
    await client.register('carol');

    const deactivated = await client.signIn('carol');
    await run("update users set is_active = false where username = 'carol'");
    expect(reasonOf(await client.refresh(deactivated.refreshToken))).toBe('USER_INACTIVE');

    await run("update users set is_active = true where username = 'carol'");
    expect(reasonOf(await client.refresh(deactivated.refreshToken))).toBe('REVOKED');
    const changed = await client.signIn('carol');
    await run("update users set password_changed_at = now() where username = 'carol'");
    expect(reasonOf(await client.refresh(changed.refreshToken))).toBe('REVOKED');
    const fresh = await client.signIn('carol');
    expect((await client.data<{ sessions: unknown[] }>('{ sessions { id } }')).sessions).toHaveLength(1);
    expect((await client.refresh(fresh.refreshToken)).errors).toEqual([]);

    const deleted = await client.signIn('carol');
    await run("delete from users where username = 'carol'");
    expect(reasonOf(await client.refresh(deleted.refreshToken))).toBe('USER_INACTIVE');
  });

  test('the claims are built anew: a new role is in the next access token', async () => {
    const client = instance.client();
    await client.register('dora');
    const { refreshToken } = await client.signIn('dora');
    await instance.app.database.fork().execute("update users set role = 'ADMIN' where username = 'dora'");
    const refreshed = await client.refresh(refreshToken);
    client.token = refreshed.data?.refreshToken.accessToken ?? null;
    expect(await client.data('{ me { role } }')).toEqual({ me: { role: 'ADMIN' } });
  });
});

describe.each(testDatabaseKinds)('refreshToken without a grace period, on %s', (kind) => {
  test('of 20 parallel refreshes one wins, the others are told of the reuse, and the session ends', async () => {
    const instance = await createTestApp(kind, { env: { JWT_ROTATION_GRACE_PERIOD: '0s' } });
    const client = instance.client();
    await client.register('alice');
    const { refreshToken } = await client.signIn('alice');
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.refresh(refreshToken)));
    const winners = answers.filter(({ errors }) => errors.length === 0);
    expect(winners).toHaveLength(1);
    expect(answers.filter((answer) => reasonOf(answer) === 'REUSED')).toHaveLength(19);
    expect(reasonOf(await client.refresh(winners.map(tokenOf)[0] ?? ''))).toBe('REVOKED');
    await instance.stop();
  });
});

describe.each(testDatabaseKinds)('refreshToken under other settings, on %s', (kind) => {
  test('without rotation the same refresh token comes back, and works again', async () => {
    const instance = await createTestApp(kind, { env: { JWT_ROTATE_REFRESH_TOKENS: 'false' } });
    const client = instance.client();
    await client.register('alice');
    const { refreshToken } = await client.signIn('alice');
    instance.clock.advance(60 * second);
    expect(tokenOf(await client.refresh(refreshToken))).toBe(refreshToken);
    expect(tokenOf(await client.refresh(refreshToken))).toBe(refreshToken);
    await instance.stop();
  });

  test('without blacklisting the old token goes on working beside the new one', async () => {
    const instance = await createTestApp(kind, { env: { JWT_BLACKLIST_AFTER_ROTATION: 'false' } });
    const client = instance.client();
    await client.register('alice');
    const { refreshToken } = await client.signIn('alice');
    const first = await client.refresh(refreshToken);
    instance.clock.advance(60 * second);
    const again = await client.refresh(refreshToken);
    expect(again.errors).toEqual([]);
    expect(tokenOf(again)).not.toBe(tokenOf(first));
    expect((await client.refresh(tokenOf(first))).errors).toEqual([]);
    await instance.stop();
  });

  test('the leeway holds for refresh tokens too', async () => {
    const instance = await createTestApp(kind, { env: { JWT_LEEWAY: '30s' } });
    const client = instance.client();
    await client.register('alice');
    const { refreshToken } = await client.signIn('alice');
    instance.clock.advance(86_400 * second + 29 * second);
    expect((await client.refresh(refreshToken)).errors).toEqual([]);
    await instance.stop();
  });
});
