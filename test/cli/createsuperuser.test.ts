import { createSuperuser } from '../../src/cli/createsuperuser.js';
import { createTestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { ctrlD, type Outcome, run, variablesFor, withRows } from './support.js';

describe('createsuperuser', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('postgres');
  });
  afterEach(() => database.drop());

  const create = (args: string, answers?: readonly string[]): Promise<Outcome> =>
    run(createSuperuser, args.split(' ').filter(Boolean), variablesFor(database), answers);

  const users = () => withRows(database, (execute) => execute('select username, email, role from users'));

  const named = '--username Root --email root@example.com';
  const root = { username: 'Root', email: 'root@example.com', role: 'ADMIN' };

  async function canSignIn(username: string, password: string): Promise<boolean> {
    const instance = await createTestApp('postgres', { database });
    try {
      const client = instance.client();
      await client.signIn(username, password);
      const { me } = await client.data<{ me: { role: string } }>('{ me { role } }');
      return me.role === 'ADMIN';
    } finally {
      await instance.stop();
    }
  }

  test('makes an admin who can sign in with the password that was given', async () => {
    expect(await create(`${named} --password correct-horse-of-root`)).toEqual({
      code: 0,
      out: 'The superuser Root is there.\n',
      err: '',
    });
    expect(await users()).toEqual([root]);
    expect(await canSignIn('root', 'correct-horse-of-root')).toBe(true);
  });

  test('prints a random password once, which signs in', async () => {
    const { code, out } = await create(`${named} --random-password`);
    expect(code).toBe(0);
    const password = /shown this once: (\S{14,})\n$/.exec(out)?.[1] ?? '';
    expect(await canSignIn('root', password)).toBe(true);
  });

  test('leaves an existing account as it is, whatever the case', async () => {
    await create(`${named} --password correct-horse-of-root`);
    const again = await create('--username ROOT --email ROOT@example.com --password quite-another-horse');
    expect(again).toEqual({
      code: 1,
      out: '',
      err: 'createsuperuser: username is taken\ncreatesuperuser: email is taken\n',
    });
    expect(await users()).toEqual([root]);
    expect(await canSignIn('root', 'correct-horse-of-root')).toBe(true);
  });

  test('tells every broken rule in a line of its own', async () => {
    const { code, err } = await create('--username a/b --email nowhere --password sh0rt.y');
    expect(code).toBe(1);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['username', 'email', 'password']);
    expect(err).not.toContain('sh0rt');
    expect(await users()).toEqual([]);
  });

  test('asks at a terminal for what is missing, and does not show the password', async () => {
    const password = 'correct horse of root';
    const { code, out, err } = await create('', ['Root\r', 'root@example.com\r', `${password}\r`, `${password}\r`]);
    expect({ code, out }).toEqual({ code: 0, out: 'The superuser Root is there.\n' });
    expect(err).toContain('Password again: ');
    expect(err).not.toContain('horse');
    expect(await users()).toEqual([root]);
    expect(await canSignIn('root', password)).toBe(true);
  });

  test('refuses two passwords that differ, and a terminal that is left', async () => {
    const differing = await create(named, ['correct horse one\r', 'correct horse two\r']);
    expect(differing).toMatchObject({ code: 1, err: expect.stringContaining('The two passwords differ.') });
    const left = await create(named, [ctrlD]);
    expect(left).toMatchObject({ code: 1, err: expect.stringContaining('Given up, nothing was changed.') });
    expect(await users()).toEqual([]);
  });

  test.each([
    [named, /Not given: --password \(or --random-password\), and there is no terminal to ask at\.\n$/],
    ['--random-password', /Not given: --username, --email, and there is no terminal to ask at\.\n$/],
    [`${named} --password x --random-password`, /not both\.\n$/],
    [`${named} --pass x`, /^createsuperuser: Unknown option '--pass'\. See --help\.\n$/],
    [`${named} more`, /^createsuperuser: Unexpected argument 'more'\. See --help\.\n$/],
  ])('refuses "%s" without a terminal in one line', async (args, line) => {
    const { code, out, err } = await create(args);
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 1, out: '', lines: 2 });
    expect(err).toMatch(line);
  });

  test('explains itself with --help, beside mistakes too', async () => {
    const { code, out, err } = await create('--help --nonsense');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('--random-password');
  });
});

describe('createsuperuser as the very first command', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('postgres', { migrated: false });
  });
  afterEach(() => database.drop());

  const args = ['--username', 'root', '--email', 'root@example.com', '--random-password'];

  test('migrates the database as the server would', async () => {
    expect(await run(createSuperuser, args, variablesFor(database))).toMatchObject({ code: 0, err: '' });
  });

  test('refuses where migrations are run by hand', async () => {
    const variables = { ...variablesFor(database), MIGRATE_ON_START: 'false' };
    const { code, err } = await run(createSuperuser, args, variables);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/Run `npm run migrate` first\.\n$/) });
  });
});
