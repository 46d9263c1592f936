import { exportedTables } from '../../src/modules/index.js';
import { codeOf, execute, minute } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { hour, newcomer } from './support.js';

const exportMyData = 'query ($password: String) { exportMyData(password: $password) }';

type Exported = Readonly<Record<string, readonly Record<string, unknown>[]>>;

describe.each(ordinaryDatabaseKinds)('the export of what is stored about a user, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  const columnsOf = () =>
    execute<{ table_name: string; column_name: string }>(
      instance,
      "select table_name, column_name from information_schema.columns where table_schema = 'public'",
    );

  test('has every table of the database that names a user', async () => {
    const named = (await columnsOf()).filter(({ column_name: name }) => ['user_id', 'author_id'].includes(name));
    const tables = [...new Set(named.map(({ table_name: table }) => table))];
    expect(tables).toEqual(expect.arrayContaining(['posts', 'sessions', 'passkeys', 'outbox']));
    // Of these the user has ids alone, for minutes; they are in no order that would find them.
    const exported = [...exportedTables.map(({ table }) => table), 'revocations'];
    expect(tables.filter((table) => !exported.includes(table))).toEqual([]);
  });

  test.each(exportedTables)(
    'says of each column of $table whether it is shown',
    async ({ table, columns, withheld }) => {
      const known = (await columnsOf()).filter(({ table_name: name }) => name === table);
      const decided = [...columns, ...(withheld ?? [])];
      expect(known.map(({ column_name: name }) => name).sort()).toEqual([...decided].sort());
    },
  );

  test('has the rows of the caller, those of nobody else, and no secret', async () => {
    const [somebody, other] = [await newcomer(instance), await newcomer(instance)];
    const { client, id, name, address } = somebody;
    const { refreshToken } = await client.signIn(name);
    for (const author of [client, other.client]) {
      await author.data('mutation { createPost(input: { title: "mine", body: "b", status: DRAFT }) { id } }');
    }
    await execute(instance, `insert into second_factors values ('${id}', 'TOTP', 'totp secret', 5, now())`);
    await execute(instance, `insert into recovery_codes values ('${id}', 'recovery hash')`);
    const { exportMyData: data } = await client.data<{ exportMyData: Exported }>(exportMyData);
    expect(data['users']).toEqual([expect.objectContaining({ id, username: name, email: address, role: 'USER' })]);
    expect(data['posts']).toEqual([expect.objectContaining({ title: 'mine', status: 'DRAFT' })]);
    expect(data['sessions']).toHaveLength(2);
    expect(data['secondFactors']).toEqual([expect.objectContaining({ method: 'TOTP', lastUsedAt: null })]);
    expect(data['recoveryCodes']).toHaveLength(1);
    expect(data['knownNetworks']).toEqual([expect.objectContaining({ network: '192.0.2.1' })]);
    expect(data['outbox']).toEqual([expect.objectContaining({ kind: 'MAIL' })]);
    expect(data['securityEvents']?.map(({ type }) => type)).toContain('data_exported');
    expect(Object.keys(data).length).toBe(exportedTables.length + 1);
    const written = JSON.stringify(data);
    const hex = (text: string) => Buffer.from(text).toString('hex');
    for (const secret of [refreshToken, 'argon2', hex('totp secret'), hex('recovery hash'), other.id, other.name]) {
      expect(written).not.toContain(secret);
    }
  });

  test('hides where an admin sat', async () => {
    const { client, id, name } = await newcomer(instance);
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const admin = instance.client('203.0.113.9');
    await admin.signIn('root');
    await admin.data('mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { id } }', { id });
    await client.signIn(name);
    const { exportMyData: data } = await client.data<{ exportMyData: Exported }>(exportMyData);
    const event = data['securityEvents']?.find(({ type }) => type === 'role_changed');
    expect(event).toMatchObject({ detail: 'ADMIN', ipAddress: null, userAgent: null });
    expect(JSON.stringify(data)).not.toContain('203.0.113.9');
  });

  test('needs a sign-in of the last ten minutes, or the password', async () => {
    const { client, name, password } = await newcomer(instance);
    const { refreshToken } = await client.signIn(name);
    instance.clock.advance(11 * minute);
    const { data } = await client.refresh(refreshToken);
    client.token = data?.refreshToken.accessToken ?? null;
    expect((await client.error(exportMyData)).extensions).toEqual({ code: 'FORBIDDEN', reason: 'SIGN_IN_TOO_OLD' });
    expect((await client.error(exportMyData, { password: 'a wrong guess' })).extensions.code).toBe(
      'INVALID_CREDENTIALS',
    );
    expect(codeOf(await client.query(exportMyData, { password }))).toBe('OK');
  });

  test('takes no password from a URL, which proxies and histories write down', async () => {
    const { client, password } = await newcomer(instance);
    const query = 'query ($secret: String) { exportMyData(password: $secret) }';
    const search = new URLSearchParams({ query, variables: JSON.stringify({ secret: password }) });
    const headers = { authorization: `Bearer ${client.token}`, 'apollo-require-preflight': '1' };
    const refused = await instance.app.http.inject({ url: `/graphql?${search}`, headers });
    expect([refused.statusCode, refused.headers['allow']]).toEqual([405, 'POST']);
    expect(refused.json().errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });

    const without = new URLSearchParams({ query: '{ exportMyData }' });
    const answer = await instance.app.http.inject({ url: `/graphql?${without}`, headers });
    expect(answer.json().errors).toBeUndefined();
  });

  test('is for the signed-in, ten times an hour', async () => {
    expect((await instance.client().error(exportMyData)).extensions.code).toBe('UNAUTHENTICATED');
    const { client, name } = await newcomer(instance);
    const codes: string[] = [];
    for (let time = 0; time < 11; time++) codes.push(codeOf(await client.query(exportMyData)));
    expect(codes).toEqual([...Array(10).fill('OK'), 'RATE_LIMITED']);
    instance.clock.advance(hour);
    await client.signIn(name);
    expect(codeOf(await client.query(exportMyData))).toBe('OK');
  });
});
