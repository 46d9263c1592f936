import { appOfTest, codeOf, execute, minute, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { day, linkTo, mailsAbout, newcomer as newcomerOf, subjects, verifyEmail as verify } from './support.js';

const request = 'mutation { requestEmailVerification }';

describe.each(testDatabaseKinds)('the verification of an address, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const newcomer = () => newcomerOf(instance);
  const linkOf = (address: string) => linkTo(instance, address, subjects.verify);
  const mailsOf = (address: string) => mailsAbout(instance, address, subjects.verify);
  const isVerified = async (client: TestClient) =>
    (await client.data<{ me: { emailVerified: boolean } }>('{ me { emailVerified } }')).me.emailVerified;

  test('begins with a mail to whoever registers, and ends with its link, which needs no sign-in', async () => {
    const { client, name, address } = await newcomer();
    expect(await isVerified(client)).toBe(false);
    const token = await linkOf(address);
    expect(await instance.client().data(verify, { token })).toEqual({
      verifyEmail: { username: name, email: address, emailVerified: true },
    });
    expect(await isVerified(client)).toBe(true);
  });

  test('sends no mail for an account that was not made', async () => {
    const { name, address } = await newcomer();
    await expect(instance.client().register(name)).rejects.toThrow('CONFLICT');
    expect(await mailsOf(address)).toHaveLength(1);
    const [tokens] = await execute<{ count: number }>(
      instance,
      `select count(*)::int from one_time_tokens t join users u on u.id = t.user_id where u.username = '${name}'`,
    );
    expect(tokens).toEqual({ count: 1 });
  });

  test.each([
    ['no token', () => '', 'MALFORMED'],
    ['text that is no token', () => 'not a token', 'MALFORMED'],
    ['a token that nobody made', () => 'A'.repeat(43), 'REVOKED'],
    ['an access token', ({ token }: TestClient) => token ?? '', 'MALFORMED'],
  ])('is refused to %s', async (_what, tokenOf, reason) => {
    const { client } = await newcomer();
    const { extensions } = await client.error(verify, { token: tokenOf(client) });
    expect(extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason });
  });

  test('is refused to a link of another kind', async () => {
    const { client } = await newcomer();
    const { me } = await client.data<{ me: { id: string } }>('{ me { id } }');
    const em = instance.app.database.fork();
    const lifetime = minute;
    const token = await instance.app.services.oneTimeTokens.issue(em, {
      userId: me.id,
      purpose: 'PASSWORD_RESET',
      lifetime,
    });
    expect((await client.error(verify, { token })).extensions.reason).toBe('WRONG_TYPE');
  });

  test('is refused three days after the mail', async () => {
    const { client, address } = await newcomer();
    const token = await linkOf(address);
    instance.clock.advance(3 * day);
    expect((await instance.client().error(verify, { token })).extensions.reason).toBe('EXPIRED');
    await client.signIn(address.split('@')[0] ?? '');
    expect(await isVerified(client)).toBe(false);
  });

  test('by one link happens once, also for twenty clicks at the same instant', async () => {
    const { address } = await newcomer();
    const token = await linkOf(address);
    const answers = await Promise.all(Array.from({ length: 20 }, () => instance.client().query(verify, { token })));
    expect(answers.map(reasonOf).sort()).toEqual(['OK', ...Array(19).fill('REVOKED')]);
  });

  test('can be asked for again, which ends the link before', async () => {
    const { client, address } = await newcomer();
    const first = await linkOf(address);
    // So that the second mail is the later one.
    instance.clock.advance(second);
    expect(await client.data(request)).toEqual({ requestEmailVerification: true });
    expect(await mailsOf(address)).toHaveLength(2);
    expect((await instance.client().error(verify, { token: first })).extensions.reason).toBe('REVOKED');
    await instance.client().data(verify, { token: await linkOf(address) });
  });

  test('can be asked for once a minute, by however many at the same instant', async () => {
    const { client, address } = await newcomer();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.query(request)));
    expect(answers.map(codeOf).sort()).toEqual(['OK', ...Array(9).fill('RATE_LIMITED')]);
    instance.clock.advance(20_000);
    expect((await client.error(request)).extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 40 });
    instance.clock.advance(40_000);
    await client.data(request);
    expect(await mailsOf(address)).toHaveLength(3);
  });

  test('once done sends no more mails, and answers true as often as it is asked for', async () => {
    const { client, address } = await newcomer();
    await client.data(verify, { token: await linkOf(address) });
    for (let time = 0; time < 3; time++) expect(await client.data(request)).toEqual({ requestEmailVerification: true });
    expect(await mailsOf(address)).toHaveLength(1);
  });

  test('can be asked for by the signed-in only', async () => {
    expect((await instance.client().error(request)).extensions.code).toBe('UNAUTHENTICATED');
  });

  test('is not shown to strangers', async () => {
    const [{ name }, { client }] = [await newcomer(), await newcomer()];
    const other = 'query ($name: String!) { user(username: $name) { emailVerified } }';
    expect((await client.error(other, { name })).extensions.code).toBe('FORBIDDEN');
    expect((await instance.client().error(other, { name })).extensions.code).toBe('UNAUTHENTICATED');
  });

  test('needs none for an account that was made by a command', async () => {
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const client = instance.client();
    await client.signIn('root');
    expect(await isVerified(client)).toBe(true);
    expect(await mailsOf('root@example.com')).toEqual([]);
  });

  test('is reminded of silently, at most once a minute', async () => {
    const { client, address } = await newcomer();
    const { verification, users } = instance.app.services;
    const user = await users.byUsername(instance.app.database.fork(), address.split('@')[0] ?? '');
    if (user === null) throw new Error('no user');
    const remind = () => verification.remind(instance.app.database.fork(), user);
    await remind();
    expect(await mailsOf(address)).toHaveLength(1);
    instance.clock.advance(minute);
    await Promise.all(Array.from({ length: 10 }, remind));
    expect(await mailsOf(address)).toHaveLength(2);
    instance.clock.advance(minute);
    await client.data(verify, { token: await linkOf(address) });
    await remind();
    expect(await mailsOf(address)).toHaveLength(2);
  });
});

test('a link of a mail points to PUBLIC_URL, with the token where no server sees it', async () => {
  const instance = await appOfTest('pglite', { env: { PUBLIC_URL: 'https://app.example.com/postern' } });
  await instance.client().register('alice');
  const [mail] = await mailsAbout(instance, 'alice@example.com', subjects.verify);
  expect(mail?.text).toMatch(/\nhttps:\/\/app\.example\.com\/postern\/verify-email#token=[\w-]{43}\n/);
});
