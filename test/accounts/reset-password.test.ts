import { attempt, codeOf, execute, minute, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';
import { tokenIn } from '../support/mails.js';
import { hour, linkTo, mailsAbout, newcomer, subjects, verifiedNewcomer } from './support.js';

const request = 'mutation ($email: String!) { requestPasswordReset(email: $email) }';
const resetPassword = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
const another = 'another long sentence';

describe.each(testDatabaseKinds)('the reset of a password, on %s', (kind) => {
  let instance: TestApp;
  let network = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  /** From a network of its own, so that no test reaches the limit of another. */
  const stranger = () => instance.client(`198.51.100.${++network}`);
  const ask = (email: string, client = stranger()) => client.query(request, { email });
  const reset = (token: string, newPassword = another) =>
    stranger().query<{ resetPassword: boolean } | null>(resetPassword, { input: { token, newPassword } });
  const mailsOf = (address: string) => mailsAbout(instance, address, subjects.reset);
  const linkOf = async (address: string) => {
    await ask(address);
    return linkTo(instance, address, subjects.reset);
  };

  test('mails a link to whoever asks, and takes a new password for it', async () => {
    const { name, address, password } = await newcomer(instance);
    expect((await ask(address.toUpperCase())).data).toEqual({ requestPasswordReset: true });
    const [mail] = await mailsOf(address);
    expect(mail?.text).toMatch(/\/reset-password#token=[\w-]{43}\n/);
    expect((await reset(mail ? tokenIn(mail) : '')).data).toEqual({ resetPassword: true });
    expect(codeOf(await attempt(stranger(), name, password))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await attempt(stranger(), name, another))).toBe('OK');
  });

  test('answers true for an address that nobody has, or whose account is closed, and mails nobody', async () => {
    const { id, address } = await newcomer(instance);
    await execute(instance, `update users set is_active = false where id = '${id}'`);
    expect((await ask(address)).data).toEqual({ requestPasswordReset: true });
    expect((await ask('nobody@example.com')).data).toEqual({ requestPasswordReset: true });
    expect(await mailsOf(address)).toEqual([]);
    expect(await mailsOf('nobody@example.com')).toEqual([]);
  });

  test('runs the same statements for an address that somebody has and for one that nobody has', async () => {
    const { address } = await newcomer(instance);
    const statementsFor = async (email: string) => {
      const client = stranger();
      instance.takeStatements();
      await ask(email, client);
      return instance.takeStatements();
    };
    const known = await statementsFor(address);
    expect(known).toHaveLength(3);
    expect(await statementsFor('nobody.at.all@example.com')).toEqual(known);
  });

  test.each(['', 'nowhere', 'a b@example.com', `${'a'.repeat(300)}@example.com`])(
    'is refused to "%s", which is no address',
    async (email) => {
      const { errors } = await ask(email);
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['email'] }] });
    },
  );

  test('ends every session, with its access tokens', async () => {
    const { client, name, address } = await newcomer(instance);
    const pair = await client.signIn(name);
    const token = await linkOf(address);
    await reset(token);
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(reasonOf(await client.refresh(pair.refreshToken))).toBe('REVOKED');
    expect(
      await execute(instance, `select 1 from sessions where ended_at is null and user_id = '${pair.user.id}'`),
    ).toEqual([]);
  });

  test('spares no device the second factor any longer', async () => {
    const { id, address } = await newcomer(instance);
    await execute(
      instance,
      `insert into remembered_devices (id, user_id, token_hash, created_at, last_used_at, expires_at)
       values (gen_random_uuid(), '${id}', sha256('${id}'), now(), now(), now() + interval '1 day')`,
    );
    await reset(await linkOf(address));
    expect(await execute(instance, `select 1 from remembered_devices where user_id = '${id}'`)).toEqual([]);
  });

  test('verifies the address that the link went to', async () => {
    const { client, name, address } = await newcomer(instance);
    await reset(await linkOf(address));
    await client.signIn(name, another);
    expect(await client.data('{ me { emailVerified } }')).toEqual({ me: { emailVerified: true } });
  });

  test('is told of by mail and recorded', async () => {
    const { id, address } = await verifiedNewcomer(instance);
    const token = await linkOf(address);
    // Two events of one instant would be in no order.
    instance.clock.advance(second);
    await reset(token);
    expect(await mailsAbout(instance, address, subjects.passwordReset)).toHaveLength(1);
    const events = await execute<{ type: string; actor_id: string | null }>(
      instance,
      `select type, actor_id from security_events where user_id = '${id}' and type like 'password%' order by id`,
    );
    expect(events).toEqual([
      { type: 'password_reset_requested', actor_id: null },
      { type: 'password_reset', actor_id: null },
    ]);
  });

  test('by one link happens once, also for fifty tries at the same instant', async () => {
    const { name, address } = await newcomer(instance);
    const token = await linkOf(address);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => reset(token, `${another} ${index}`)));
    const winner = answers.findIndex((answer) => codeOf(answer) === 'OK');
    expect(answers.map(reasonOf).sort()).toEqual(['OK', ...Array(49).fill('REVOKED')]);
    expect(codeOf(await attempt(stranger(), name, `${another} ${winner}`))).toBe('OK');
  });

  test('leaves older links good until one is used, and then none', async () => {
    const { address } = await newcomer(instance);
    const [first, second] = [await linkOf(address), await linkOf(address)];
    instance.clock.advance(minute);
    const third = await linkOf(address);
    expect(codeOf(await reset(first))).toBe('OK');
    for (const link of [first, second, third]) expect(reasonOf(await reset(link))).toBe('REVOKED');
  });

  test.each([
    ['no token', '', 'MALFORMED'],
    ['text that is no token', 'not a token', 'MALFORMED'],
    ['a token that nobody made', 'A'.repeat(43), 'REVOKED'],
  ])('is refused to %s', async (_what, token, reason) => {
    expect((await reset(token)).errors[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason });
  });

  test('is refused an hour after the mail, to a link that verifies an address, and once the account is closed', async () => {
    const { id, address } = await newcomer(instance);
    expect(reasonOf(await reset(await linkTo(instance, address, subjects.verify)))).toBe('WRONG_TYPE');
    const late = await linkOf(address);
    instance.clock.advance(hour);
    expect(reasonOf(await reset(late))).toBe('EXPIRED');
    const token = await linkOf(address);
    await execute(instance, `update users set is_active = false where id = '${id}'`);
    expect(reasonOf(await reset(token))).toBe('REVOKED');
  });

  test.each([
    ['too short a password', 'zx9qv!K'],
    ['a common one', 'password1'],
    ['one like the user name', 'NAME99'],
  ])('refuses %s, and the link stays good', async (_what, newPassword) => {
    const { name, address } = await newcomer(instance);
    const token = await linkOf(address);
    const { errors } = await reset(token, newPassword.replace('NAME', name));
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'newPassword'] }],
    });
    expect(codeOf(await reset(token))).toBe('OK');
  });

  test('mails an address three times an hour at most, and nobody can tell', async () => {
    const { address } = await newcomer(instance);
    for (let time = 0; time < 5; time++) expect(codeOf(await ask(address))).toBe('OK');
    expect(await mailsOf(address)).toHaveLength(3);
    instance.clock.advance(hour);
    await ask(address);
    expect(await mailsOf(address)).toHaveLength(4);
  });

  test('can be asked for twenty times an hour from one network, whatever the addresses', async () => {
    const client = stranger();
    const codes = await Promise.all(
      Array.from({ length: 25 }, async (_, index) => codeOf(await ask(`nobody${index}@example.com`, client))),
    );
    expect(codes.sort()).toEqual([...Array(20).fill('OK'), ...Array(5).fill('RATE_LIMITED')]);
    instance.clock.advance(20 * second);
    expect((await client.error(request, { email: 'nobody@example.com' })).extensions).toEqual({
      code: 'RATE_LIMITED',
      retryAfter: 3_580,
    });
    expect(codeOf(await ask('nobody@example.com'))).toBe('OK');
  });
});
