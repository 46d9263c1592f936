import { argon2Parameters } from '../../src/modules/users/password-hasher.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';

const register =
  'mutation ($input: RegisterInput!) { register(input: $input) { id username email role createdAt lastLoginAt } }';

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

describe.each(testDatabaseKinds)('register, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;
  let number = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind, { argon2: argon2Parameters });
    client = instance.client();
    await client.register('Taken');
  });
  afterAll(() => instance.stop());

  /** An input that is good but for the parts given, and collides with no other. */
  const inputWith = (parts: object) => {
    number += 1;
    const name = `user${number}`;
    return { username: name, email: `${name}@example.com`, password: passwordOf(name), ...parts };
  };
  const tryWith = (parts: object) => client.query<{ register: object } | null>(register, { input: inputWith(parts) });
  const errorOf = async (parts: object) => (await tryWith(parts)).errors[0]?.extensions ?? { code: 'OK', issues: [] };
  const pathsOf = async (parts: object): Promise<string[]> => {
    const { issues } = await errorOf(parts);
    return (issues as Issue[]).map(({ path }) => path.join('.'));
  };

  test('makes an account and answers with it, without signing it in', async () => {
    const { data } = await tryWith({ username: 'New.User_1+a-b', email: 'New@Example.com' });
    expect(data).toEqual({
      register: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        username: 'New.User_1+a-b',
        email: 'New@Example.com',
        role: 'USER',
        createdAt: new Date(instance.clock.now()).toISOString(),
        lastLoginAt: null,
      },
    });
    expect(await instance.app.database.fork().execute('select id from sessions')).toEqual([]);
  });

  test.each([
    ['one letter', { username: 'q' }],
    ['150 letters', { username: 'n'.repeat(150) }],
    ['digits alone', { username: '007' }],
    ['its own address in another case', { username: 'own.Address@example.com', email: 'Own.address@Example.com' }],
    ['8 characters', { password: 'zx9qv!Kp' }],
    ['256 characters', { password: 'y'.repeat(256) }],
    ['256 characters of two units each', { password: '🔑'.repeat(256) }],
    ['spaces at both ends', { password: '  two spaces  ' }],
    ['a plus in the address', { email: 'a+b@example.com' }],
    ['an address of 254 characters', { email: `${'a'.repeat(60)}@${'b.'.repeat(95)}com` }],
    ['a subdomain in the address', { email: 'a@mail.example.co.uk' }],
  ])('takes %s', async (_what, parts) => {
    expect((await errorOf(parts)).code).toBe('OK');
  });

  test.each([
    ['an empty name', { username: '' }, ['input.username']],
    ['a name of 151 letters', { username: 'n'.repeat(151) }, ['input.username']],
    ['a name with a space', { username: 'a b' }, ['input.username']],
    ['a name with a space before it', { username: ' alice' }, ['input.username']],
    ['a name with a line end after it', { username: 'alice\n' }, ['input.username']],
    ['a name beyond ASCII', { username: 'ålice' }, ['input.username']],
    ['a name in full-width letters', { username: 'ａｌｉｃｅ' }, ['input.username']],
    ['a name with a NUL', { username: 'ali\0ce' }, ['input.username']],
    ['a name with half a surrogate pair', { username: 'a\ud800' }, ['input.username']],
    ['a name with a slash', { username: 'a/b' }, ['input.username']],
    ["somebody else's address as a name", { username: 'victim@example.org' }, ['input.username']],
    ['an @ alone as a name', { username: '@' }, ['input.username']],
    ['an empty address', { email: '' }, ['input.email']],
    ['an address without a host', { email: 'alice@' }, ['input.email']],
    ['an address without an @', { email: 'alice.example.com' }, ['input.email']],
    ['an address with two @', { email: 'a@b@example.com' }, ['input.email']],
    ['an address with a space', { email: 'a b@example.com' }, ['input.email']],
    ['an address with a space after it', { email: 'a@example.com ' }, ['input.email']],
    ['an address with a line end', { email: 'a@example.com\r\nBcc: b@example.com' }, ['input.email']],
    ['an address with a NUL', { email: 'a\0@example.com' }, ['input.email']],
    ['an address with a name before it', { email: 'Alice <a@example.com>' }, ['input.email']],
    ['an address of 255 characters', { email: `${'a'.repeat(61)}@${'b.'.repeat(95)}com` }, ['input.email']],
    ['an empty password', { password: '' }, ['input.password']],
    ['a password of 7 characters', { password: 'zx9qv!K' }, ['input.password']],
    ['a password of 7 characters of two units each', { password: '🔑'.repeat(7) }, ['input.password']],
    ['a password of 257 characters', { password: 'y'.repeat(257) }, ['input.password']],
    ['a password with a NUL', { password: 'correct\0horse' }, ['input.password']],
    ['a password with half a surrogate pair', { password: 'correct\udfff' }, ['input.password']],
    ['a common password', { password: 'password1' }, ['input.password']],
    ['a common password in capitals', { password: 'QWERTYUIOP' }, ['input.password']],
    ['a common password in full-width letters', { password: 'ｑｗｅｒｔｙｕｉｏｐ' }, ['input.password']],
    ['all digits', { password: '83749271048372' }, ['input.password']],
    ['all digits of another script', { password: '٨٣٧٤٩٢٧١٠٤' }, ['input.password']],
    ['the name as the password', { username: 'hypatia.of', password: 'hypatia.of' }, ['input.password']],
    ['the name in capitals as the password', { username: 'hypatia.of', password: 'HYPATIA.Of' }, ['input.password']],
  ])('refuses %s', async (_what, parts, paths) => {
    expect((await errorOf(parts)).code).toBe('BAD_USER_INPUT');
    expect(await pathsOf(parts)).toEqual(paths);
  });

  test.each([
    [{ username: 'a b', email: 'no', password: 'zx9qv!K' }, ['input.username', 'input.email', 'input.password']],
    [{ username: '', password: '1234567' }, ['input.username', 'input.password', 'input.password', 'input.password']],
    [{ email: 'no', password: '83749271048372' }, ['input.email', 'input.password']],
    [{ username: 'a b', password: 'password1' }, ['input.username', 'input.password']],
    [{ username: 'other@example.com', password: 'zx9qv!K' }, ['input.username', 'input.password']],
    [{ username: 'other@example.com', email: 'no' }, ['input.username', 'input.email']],
  ])('names all broken rules of %j at once', async (parts, paths) => {
    expect((await pathsOf(parts)).sort()).toEqual(paths.sort());
  });

  test('says in words what is wrong, and repeats no password', async () => {
    const { errors } = await tryWith({ username: 'a b', password: '83749271048372' });
    expect(errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [
        { path: ['input', 'username'], message: expect.stringContaining('ASCII letters') },
        { path: ['input', 'password'], message: 'must not be all digits' },
      ],
    });
    expect(JSON.stringify(errors)).not.toContain('83749271048372');
  });

  test('is done with a long hostile input at once', async () => {
    const start = performance.now();
    for (const email of [`${'a'.repeat(300_000)}@`, `${'a.'.repeat(30_000)}@b`, `a@${'b-'.repeat(150_000)}`]) {
      expect((await errorOf({ email, username: 'a'.repeat(300_000) })).code).toBe('BAD_USER_INPUT');
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('is done at once with a password whose characters take long to put into their normal order', async () => {
    const start = performance.now();
    expect((await errorOf({ password: `a${'\u0301\u0316'.repeat(30_000)}` })).code).toBe('BAD_USER_INPUT');
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test.each([
    ['the name', { username: 'Taken' }, ['input.username']],
    ['the name in another case', { username: 'tAKEN' }, ['input.username']],
    ['the address', { email: 'Taken@example.com' }, ['input.email']],
    ['the address in another case', { email: 'TAKEN@EXAMPLE.COM' }, ['input.email']],
    ['the address as a name too', { username: 'taken@example.com', email: 'taken@example.com' }, ['input.email']],
    ['both', { username: 'taken', email: 'taken@example.com' }, ['input.username', 'input.email']],
  ])('answers CONFLICT where %s belongs to another account', async (_what, parts, paths) => {
    const { code, issues } = await errorOf(parts);
    expect(code).toBe('CONFLICT');
    expect((issues as Issue[]).map(({ path }) => path.join('.'))).toEqual(paths);
    expect((issues as Issue[]).every(({ message }) => message === 'is taken')).toBe(true);
  });

  test('names both conflicts where name and address belong to two accounts', async () => {
    await client.register('first');
    await client.register('second');
    expect(await errorOf({ username: 'FIRST', email: 'second@EXAMPLE.com' })).toEqual({
      code: 'CONFLICT',
      issues: [
        { path: ['input', 'username'], message: 'is taken' },
        { path: ['input', 'email'], message: 'is taken' },
      ],
    });
  });

  test('of 20 parallel registrations of one name one wins, the others are told of the conflict', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tryWith({ username: index % 2 === 0 ? 'racer' : 'RACER', email: `racer${index}@example.com` }),
      ),
    );
    const codes = answers.map(({ errors }) => errors[0]?.extensions.code ?? 'OK').sort();
    expect(codes).toEqual([...Array(19).fill('CONFLICT'), 'OK']);
    expect(
      await instance.app.database.fork().execute("select id from users where lower(username) = 'racer'"),
    ).toHaveLength(1);
  });

  test('keeps a password under argon2id alone', async () => {
    await client.register('secretive', 'a very secret thing');
    const rows: unknown[] = await instance.app.database
      .fork()
      .execute("select * from users where username = 'secretive'");
    expect(JSON.stringify(rows)).toMatch(/\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(JSON.stringify(rows)).not.toContain('a very secret thing');
  });

  test('takes no role from its input', async () => {
    const { errors } = await client.query(register, { input: inputWith({ role: 'ADMIN' }) });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
