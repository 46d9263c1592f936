import { codeOf, execute, minute, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import {
  day,
  hour,
  linkTo,
  mailsAbout,
  type Newcomer,
  newcomer,
  subjects,
  verifiedNewcomer,
  verifyEmail,
} from './support.js';

const changeEmail = 'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) }';

describe.each(testDatabaseKinds)('the change of an address, on %s', (kind) => {
  let instance: TestApp;
  let count = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const newAddress = () => `new${++count}@example.org`;
  const change = ({ client, password }: Newcomer, newEmail: string) =>
    client.query(changeEmail, { input: { newEmail, password } });
  const linkOf = (address: string) => linkTo(instance, address, subjects.verifyNew);
  const follow = (token: string, client = instance.client()) =>
    client.query<{ verifyEmail: object } | null>(verifyEmail, { token });
  const meOf = async (client: TestClient) =>
    (await client.data<{ me: object }>('{ me { username email emailVerified } }')).me;

  test('is asked for at both addresses, and done with the link to the new one', async () => {
    const somebody = await verifiedNewcomer(instance);
    const { client, name, address } = somebody;
    const email = newAddress();
    expect((await change(somebody, email)).data).toEqual({ changeEmail: true });
    const [notice] = await mailsAbout(instance, address, subjects.changeRequested);
    expect(notice?.text).toContain(email);
    expect(await meOf(client)).toEqual({ username: name, email: address, emailVerified: true });

    instance.clock.advance(second);
    expect((await follow(await linkOf(email))).data).toEqual({
      verifyEmail: { username: name, email, emailVerified: true },
    });
    const [done] = await mailsAbout(instance, address, subjects.changed);
    expect(done?.text).toContain(email);
    expect(await mailsAbout(instance, email, subjects.changed)).toEqual([]);
    await client.signIn(email, somebody.password);
    expect(await meOf(client)).toEqual({ username: name, email, emailVerified: true });
  });

  test('ends the access tokens that say the old address, and no session', async () => {
    const somebody = await newcomer(instance);
    const { client, name, id } = somebody;
    const pair = await client.signIn(name);
    const email = newAddress();
    await change(somebody, email);
    await follow(await linkOf(email));
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    const refreshed = await client.refresh(pair.refreshToken);
    const token = refreshed.data?.refreshToken.accessToken ?? '';
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.email).toBe(email);
    const events = await execute<{ type: string }>(
      instance,
      `select type from security_events where user_id = '${id}' and type = 'email_changed'`,
    );
    expect(events).toHaveLength(1);
  });

  test('takes the user name along where it was the old address', async () => {
    const client = instance.client();
    const old = newAddress();
    const input = { username: old.toUpperCase(), email: old, password: 'a long sentence is best' };
    await client.data('mutation ($input: RegisterInput!) { register(input: $input) { id } }', { input });
    await client.signIn(old, input.password);
    const email = newAddress();
    await client.data(changeEmail, { input: { newEmail: email, password: input.password } });
    expect((await follow(await linkOf(email))).data).toEqual({
      verifyEmail: { username: email, email, emailVerified: true },
    });
    await client.signIn(email, input.password);
    const hopeless = { newEmail: "o'hara@example.org", password: input.password };
    const { extensions } = await client.error(changeEmail, { input: hopeless });
    expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['input', 'newEmail'] }] });
  });

  test.each([
    ['no address', 'nowhere', 'BAD_USER_INPUT'],
    ['an address with a line end', 'a@example.org\r\nBcc: b@example.org', 'BAD_USER_INPUT'],
    ['an address of 255 characters', `${'a'.repeat(61)}@${'b.'.repeat(95)}org`, 'BAD_USER_INPUT'],
    ['their own address', 'OWN', 'BAD_USER_INPUT'],
    ["somebody's address", 'TAKEN', 'CONFLICT'],
    ["somebody's address in capitals", 'TAKEN IN CAPITALS', 'CONFLICT'],
  ])('is refused to %s', async (_what, wanted, code) => {
    const [somebody, other] = [await newcomer(instance), await newcomer(instance)];
    const addresses: Record<string, string> = {
      OWN: somebody.address.toUpperCase(),
      TAKEN: other.address,
      'TAKEN IN CAPITALS': other.address.toUpperCase(),
    };
    const { errors } = await change(somebody, addresses[wanted] ?? wanted);
    expect(errors[0]?.extensions).toMatchObject({ code, issues: [{ path: ['input', 'newEmail'] }] });
    expect(await mailsAbout(instance, somebody.address, subjects.changeRequested)).toEqual([]);
  });

  test('is refused to a wrong password, which counts as a failed sign-in', async () => {
    const somebody = await newcomer(instance);
    const answers = [];
    for (let guess = 0; guess < 11; guess++)
      answers.push(codeOf(await change({ ...somebody, password: 'a wrong guess' }, newAddress())));
    expect(answers).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect(codeOf(await change(somebody, newAddress()))).toBe('RATE_LIMITED');
    instance.clock.advance(5 * minute);
  });

  test('is refused to the anonymous', async () => {
    expect(codeOf(await change({ ...(await newcomer(instance)), client: instance.client() }, newAddress()))).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('that was begun before comes to nothing with the next one, and with a day', async () => {
    const somebody = await newcomer(instance);
    const [first, second] = [newAddress(), newAddress()];
    await change(somebody, first);
    const early = await linkOf(first);
    await change(somebody, second);
    const late = await linkOf(second);
    expect(reasonOf(await follow(early))).toBe('REVOKED');
    instance.clock.advance(day);
    expect(reasonOf(await follow(late))).toBe('EXPIRED');
    await somebody.client.signIn(somebody.name);
    expect(await meOf(somebody.client)).toMatchObject({ email: somebody.address });
  });

  test('happens once by one link, also for twenty clicks at the same instant', async () => {
    const somebody = await newcomer(instance);
    const email = newAddress();
    await change(somebody, email);
    const token = await linkOf(email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => follow(token)));
    expect(answers.map(reasonOf).sort()).toEqual(['OK', ...Array(19).fill('REVOKED')]);
    expect(await mailsAbout(instance, somebody.address, subjects.changed)).toHaveLength(1);
  });

  test('is a CONFLICT where somebody has taken the address meanwhile, and possible once they have left it', async () => {
    const somebody = await newcomer(instance);
    const email = newAddress();
    await change(somebody, email);
    const token = await linkOf(email);
    const input = { username: `squatter${count}`, email: email.toUpperCase(), password: 'a long sentence is best' };
    await instance.client().data('mutation ($input: RegisterInput!) { register(input: $input) { id } }', { input });
    const { errors } = await follow(token);
    expect(errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', issues: [{ path: ['token'] }] });
    await execute(instance, `delete from users where username = 'squatter${count}'`);
    expect(codeOf(await follow(token))).toBe('OK');
  });

  test('to one address by ten accounts at the same instant gives it to one of them', async () => {
    const email = newAddress();
    const links: string[] = [];
    for (let index = 0; index < 10; index++) {
      await change(await newcomer(instance), email);
      links.push(await linkOf(email));
    }
    const answers = await Promise.all(links.map((token) => follow(token)));
    expect(answers.map(codeOf).sort()).toEqual([...Array(9).fill('CONFLICT'), 'OK']);
  });

  test('keeps the old address for seven days, for whoever had it', async () => {
    const somebody = await verifiedNewcomer(instance);
    const email = newAddress();
    await change(somebody, email);
    await follow(await linkOf(email));
    const input = { username: `next${count}`, email: somebody.address, password: 'a long sentence is best' };
    const register = 'mutation ($input: RegisterInput!) { register(input: $input) { id } }';
    const taken = { code: 'CONFLICT', issues: [{ path: ['input', 'email'], message: 'is taken' }] };
    expect((await instance.client().error(register, { input })).extensions).toEqual(taken);
    const other = await newcomer(instance);
    expect(codeOf(await change(other, somebody.address))).toBe('CONFLICT');

    await somebody.client.signIn(email, somebody.password);
    expect(codeOf(await change(somebody, somebody.address))).toBe('OK');
    instance.clock.advance(7 * day);
    await instance.client().data(register, { input });
  });

  test('is possible five times an hour', async () => {
    const somebody = await newcomer(instance);
    const codes: string[] = [];
    for (let time = 0; time < 6; time++) codes.push(codeOf(await change(somebody, newAddress())));
    expect(codes).toEqual([...Array(5).fill('OK'), 'RATE_LIMITED']);
    instance.clock.advance(hour);
    await somebody.client.signIn(somebody.name, passwordOf(somebody.name));
    expect(codeOf(await change(somebody, newAddress()))).toBe('OK');
  });
});
