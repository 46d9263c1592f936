import { attempt, codeOf, execute, minute, reasonOf } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Answer, passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { mailsAbout, newcomer, subjects } from './support.js';

const deleteAccount = 'mutation ($password: String!) { deleteAccount(password: $password) }';

describe.each(testDatabaseKinds)('the deletion of an account, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const leave = (client: TestClient, password: string) => client.query(deleteAccount, { password });
  const cookiesOf = ({ headers }: Answer<unknown>) => [headers['set-cookie'] ?? []].flat().map(String);

  /** Every table with a column that names a user, but for what outlives accounts. */
  async function rowsOf(id: string): Promise<string[]> {
    const columns = await execute<{ table_name: string; column_name: string }>(
      instance,
      `select table_name, column_name from information_schema.columns
       where table_schema = 'public' and column_name in ('user_id', 'author_id')
         and table_name not in ('security_events', 'revocations')`,
    );
    expect(columns.length).toBeGreaterThan(8);
    const found: string[] = [];
    for (const { table_name: table, column_name: column } of columns) {
      const rows = await execute(instance, `select 1 from ${table} where ${column} = '${id}'`);
      if (rows.length > 0) found.push(table);
    }
    return found.sort();
  }

  test('leaves nothing of it in any table, and says farewell', async () => {
    const { client, id, name, address, password } = await newcomer(instance);
    await client.data('mutation { createPost(input: { title: "t", body: "b" }) { id } }');
    await client.data('mutation { requestEmailVerification }');
    await execute(instance, `insert into second_factors values ('${id}', 'EMAIL', null, null, now())`);
    expect(await rowsOf(id)).toEqual(
      expect.arrayContaining(['one_time_tokens', 'outbox', 'posts', 'refresh_tokens', 'second_factors', 'sessions']),
    );
    expect((await leave(client, password)).data).toEqual({ deleteAccount: true });
    expect(await rowsOf(id)).toEqual([]);
    expect(await execute(instance, `select 1 from users where id = '${id}'`)).toEqual([]);
    expect(codeOf(await attempt(instance.client(), name, password))).toBe('INVALID_CREDENTIALS');
    expect(await mailsAbout(instance, address, subjects.deleted)).toHaveLength(1);
  });

  test('ends access and refresh tokens at once', async () => {
    const { client, name, password } = await newcomer(instance);
    const other = instance.client();
    const pair = await other.signIn(name);
    await leave(client, password);
    expect((await other.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect((await client.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(reasonOf(await other.refresh(pair.refreshToken))).toBe('USER_INACTIVE');
  });

  test('keeps the security events, without the name, and frees name and address', async () => {
    const { client, id, name, address, password } = await newcomer(instance);
    await leave(client, password);
    const events = await execute<{ type: string }>(
      instance,
      `select * from security_events where user_id = '${id}' order by created_at, id`,
    );
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['signed_in', 'user_deleted']));
    expect(JSON.stringify(events)).not.toContain(name);
    expect(JSON.stringify(events)).not.toContain(address);
    await instance.client().register(name);
  });

  test('needs the password, and counts a wrong one as a failed sign-in', async () => {
    const { client, id, name, password } = await newcomer(instance);
    const codes: string[] = [];
    for (let guess = 0; guess < 11; guess++) codes.push(codeOf(await leave(client, 'a wrong guess')));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect(codeOf(await leave(client, 'x'.repeat(300)))).toBe('BAD_USER_INPUT');
    expect(codeOf(await leave(instance.client(), password))).toBe('UNAUTHENTICATED');
    expect(await execute(instance, `select 1 from users where id = '${id}'`)).toHaveLength(1);
    instance.clock.advance(5 * minute);
    await client.signIn(name);
    expect(codeOf(await leave(client, password))).toBe('OK');
  });

  test('of ten at the same instant happens once', async () => {
    const { client, address, password } = await newcomer(instance);
    const answers = await Promise.all(Array.from({ length: 10 }, () => leave(client, password)));
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === 'OK')).toHaveLength(1);
    const losers = codes.filter((code) => code !== 'OK');
    expect(losers.filter((code) => code !== 'UNAUTHENTICATED' && code !== 'INVALID_CREDENTIALS')).toEqual([]);
    expect(await mailsAbout(instance, address, subjects.deleted)).toHaveLength(1);
  });

  test('clears the cookie', async () => {
    const { name, password } = await newcomer(instance);
    const client = instance.client();
    client.headers = { host: 'postern.example', origin: 'http://postern.example' };
    const signedIn = await client.query<{ obtainToken: { accessToken: string } }>(
      `mutation ($username: String!, $password: String!) {
        obtainToken(input: { username: $username, password: $password, cookie: true }) { ... on TokenPair { accessToken } }
      }`,
      { username: name, password },
    );
    client.token = signedIn.data.obtainToken.accessToken;
    client.headers['cookie'] = cookiesOf(signedIn)[0]?.split(';')[0] ?? '';
    expect(cookiesOf(await leave(client, password))).toEqual([
      expect.stringMatching(/^postern_refresh=; Max-Age=0; Path=\/graphql;/),
    ]);
  });

  test('is a CONFLICT for the last active admin, also of two who leave at the same instant', async () => {
    const admins: TestClient[] = [];
    for (const username of ['root', 'boss']) {
      const input = { username, email: `${username}@example.com`, password: passwordOf(username) };
      await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
      const client = instance.client();
      await client.signIn(username);
      admins.push(client);
    }
    const answers = await Promise.all(
      admins.map((client, index) => leave(client, passwordOf(index === 0 ? 'root' : 'boss'))),
    );
    expect(answers.map(codeOf).sort()).toEqual(['CONFLICT', 'OK']);
    expect(await execute(instance, "select 1 from users where role = 'ADMIN'")).toHaveLength(1);
  });
});
