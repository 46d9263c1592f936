import { attempt, codeOf, execute, minute, pairFields, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Answer, Pair, TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { mailsAbout, type Newcomer, newcomer, subjects } from './support.js';

const changePassword = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${pairFields} } }`;
const another = 'another long sentence';

type ChangeAnswer = Answer<{ changePassword: Pair & { refreshToken: string | null } } | null>;

describe.each(testDatabaseKinds)('the change of a password, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const change = ({ client, password }: Pick<Newcomer, 'client' | 'password'>, newPassword = another) =>
    client.query<ChangeAnswer['data']>(changePassword, { input: { currentPassword: password, newPassword } });
  const pairIn = ({ data, errors }: ChangeAnswer): Pair => {
    if (!data) throw new Error(JSON.stringify(errors));
    return data.changePassword;
  };
  const sidOf = (token: string | null): string =>
    JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()).sid;

  test('takes the new password from then on, and no longer the old one', async () => {
    const { client, name, password } = await newcomer(instance);
    expect(codeOf(await change({ client, password }))).toBe('OK');
    expect(codeOf(await attempt(instance.client(), name, password))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await attempt(instance.client(), name, another))).toBe('OK');
  });

  test('ends every other session at once, its access tokens too, and answers with a pair for this one', async () => {
    const { client, name, password } = await newcomer(instance);
    const pair = await client.signIn(name);
    const other = instance.client();
    const otherPair = await other.signIn(name);
    const changed = pairIn(await change({ client, password }));

    expect((await other.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(reasonOf(await other.refresh(otherPair.refreshToken))).toBe('REVOKED');
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('REVOKED');

    expect(sidOf(changed.accessToken)).toBe(sidOf(pair.accessToken));
    client.token = changed.accessToken;
    const { sessions } = await client.data<{ sessions: { current: boolean }[] }>('{ sessions { current } }');
    expect(sessions).toEqual([{ current: true }]);
    expect(codeOf(await client.refresh(changed.refreshToken))).toBe('OK');
  });

  test('is told of by mail and recorded', async () => {
    const { client, id, address, password } = await newcomer(instance);
    await change({ client, password });
    const mails = await mailsAbout(instance, address, subjects.passwordChanged);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('192.0.2.1');
    expect(mails[0]?.text).not.toContain(another);
    const events = await execute(
      instance,
      `select actor_id, ip_address from security_events where user_id = '${id}' and type = 'password_changed'`,
    );
    expect(events).toEqual([{ actor_id: id, ip_address: '192.0.2.1' }]);
  });

  test.each([
    ['one of 7 characters', 'zx9qv!K'],
    ['one of 257 characters', 'y'.repeat(257)],
    ['all digits', '83749271048372'],
    ['a common one', 'password1'],
    ['one with a NUL', 'correct\0horse'],
    ['one like the user name', 'NAME99'],
    ['one like the address', 'NAME@example'],
  ])('refuses %s', async (_what, newPassword) => {
    const { client, name, password } = await newcomer(instance);
    const answer = await change({ client, password }, newPassword.replace('NAME', name));
    expect(answer.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'newPassword'] }],
    });
    expect(codeOf(await attempt(instance.client(), name, password))).toBe('OK');
  });

  test('needs the current password, and counts a wrong one as a failed sign-in', async () => {
    const { client, name, password } = await newcomer(instance);
    const codes: string[] = [];
    for (let guess = 0; guess < 11; guess++) codes.push(codeOf(await change({ client, password: 'a wrong guess' })));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect(codeOf(await attempt(client, name, password))).toBe('RATE_LIMITED');
    instance.clock.advance(5 * minute);
    await client.signIn(name);
    expect(codeOf(await change({ client, password }))).toBe('OK');
  });

  test('records a wrong current password, with the session in which somebody guesses', async () => {
    const { client, id, name } = await newcomer(instance);
    const { accessToken } = await client.signIn(name);
    await change({ client, password: 'a wrong guess' });
    const events = await execute(
      instance,
      `select actor_id, session_id, ip_address, detail from security_events
        where user_id = '${id}' and type = 'confirmation_failed'`,
    );
    expect(events).toEqual([{ actor_id: id, session_id: sidOf(accessToken), ip_address: '192.0.2.1', detail: null }]);
  });

  test('needs a sign-in', async () => {
    const { password } = await newcomer(instance);
    expect(codeOf(await change({ client: instance.client(), password }))).toBe('UNAUTHENTICATED');
  });

  test('of ten at the same instant happens once, and the session goes on', async () => {
    const { client, name, password } = await newcomer(instance);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => change({ client, password }, `${another} ${index}`)),
    );
    const winner = answers.findIndex((answer) => codeOf(answer) === 'OK');
    expect(answers.map(codeOf).filter((code) => code === 'OK')).toHaveLength(1);
    expect(codeOf(await attempt(instance.client(), name, `${another} ${winner}`))).toBe('OK');
    client.token = answers[winner]?.data?.changePassword.accessToken ?? null;
    expect(codeOf(await client.query('{ me { id } }'))).toBe('OK');
  });

  test('twice in one instant ends what the first one gave out', async () => {
    const { client, password } = await newcomer(instance);
    const first = pairIn(await change({ client, password }));
    client.token = first.accessToken;
    const next = pairIn(await change({ client, password: another }, 'a third long sentence'));
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(reasonOf(await client.refresh(first.refreshToken))).toBe('REVOKED');
    client.token = next.accessToken;
    await client.data('{ me { id } }');
  });

  describe('in a browser', () => {
    const signIn = `mutation ($username: String!, $password: String!) {
      obtainToken(input: { username: $username, password: $password, cookie: true }) { ... on TokenPair { accessToken } }
    }`;
    const cookiesOf = ({ headers }: Answer<unknown>) => [headers['set-cookie'] ?? []].flat().map(String);

    async function browser(): Promise<Newcomer & { answer: Answer<unknown> }> {
      const somebody = await newcomer(instance);
      const client = instance.client();
      client.headers = { host: 'postern.example', origin: 'http://postern.example' };
      const answer = await client.query<{ obtainToken: { accessToken: string } }>(signIn, {
        username: somebody.name,
        password: somebody.password,
      });
      client.token = answer.data.obtainToken.accessToken;
      client.headers['cookie'] = cookiesOf(answer)[0]?.split(';')[0] ?? '';
      return { ...somebody, client, answer };
    }
    const refreshByCookie = (client: TestClient, cookie: string) => {
      client.headers['cookie'] = cookie;
      return client.query('mutation { refreshToken { accessToken } }');
    };

    test('answers with another cookie where the session has one, which then is good and the old one is not', async () => {
      const { client, password } = await browser();
      const old = client.headers['cookie'] ?? '';
      const answer = await change({ client, password });
      expect(pairIn(answer).refreshToken).toBeNull();
      const [cookie = ''] = cookiesOf(answer);
      expect(cookie).toMatch(/^postern_refresh=\w.*HttpOnly; SameSite=Strict$/);
      expect(reasonOf(await refreshByCookie(client, old))).toBe('REVOKED');
      expect(codeOf(await refreshByCookie(client, cookie.split(';')[0] ?? ''))).toBe('OK');
    });

    test('answers with the token itself where the cookie is of another session', async () => {
      const [{ client, password }, other] = [await browser(), await browser()];
      client.headers['cookie'] = other.client.headers['cookie'] ?? '';
      const answer = await change({ client, password });
      expect(pairIn(answer).refreshToken).toEqual(expect.any(String));
      expect(cookiesOf(answer)).toEqual([]);
    });

    test('does nothing for a page of a foreign origin', async () => {
      const { client, name, password } = await browser();
      client.headers['origin'] = 'https://evil.example';
      expect(codeOf(await change({ client, password }))).toBe('FORBIDDEN');
      expect(codeOf(await attempt(instance.client(), name, password))).toBe('OK');
    });
  });

  test('is refused once the session has ended', async () => {
    const { client, name, password } = await newcomer(instance);
    const { token } = client;
    await client.data('mutation { logout { sessionsEnded } }');
    client.token = token;
    instance.clock.advance(second);
    expect(reasonOf(await change({ client, password }))).toBe('REVOKED');
    expect(codeOf(await attempt(instance.client(), name, password))).toBe('OK');
  });
});
