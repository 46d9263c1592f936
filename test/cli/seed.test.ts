import { seedCommand } from '../../src/cli/seed.js';
import { createTestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { mailed } from '../support/mailed.js';
import { run, variablesFor, withRows } from './support.js';

const signingKey = 'a production key of thirty-two bytes, or more of them';

describe('seed', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('postgres');
  });
  afterEach(() => database.drop());

  const seed = (args: string, variables: Record<string, string> = {}) =>
    run(seedCommand, args.split(' '), { ...variablesFor(database), ...variables });

  const passwordIn = (out: string) => /of these users: (\S+)\n$/.exec(out)?.[1] ?? '';

  test('adds so many users and posts, with words, drafts and dates of the past two years', async () => {
    const { code, err } = await seed('--users 30 --posts 2500');
    expect(code).toBe(0);
    expect(err.trimEnd().split('\n').at(-1)).toBe('posts 100 %  2,500 of 2,500');
    const [found] = await withRows(database, (execute) =>
      execute(`select (select count(*) from users)::int as users, count(*)::int as posts,
        count(*) filter (where status = 'DRAFT')::float / count(*) as drafts,
        count(distinct author_id)::int as authors,
        bool_and(posts.created_at >= users.created_at) as after_joining,
        bool_and(posts.updated_at between posts.created_at and now()) as edited_later,
        extract(day from max(posts.created_at) - min(posts.created_at))::int as days,
        bool_and(length(title) between 5 and 200 and body like '%' || chr(10) || chr(10) || '%') as texts,
        bool_and(left(replace(posts.id::text, '-', ''), 12)
          = lpad(to_hex((extract(epoch from posts.created_at) * 1000)::bigint), 12, '0')) as ids
        from posts join users on users.id = author_id`),
    );
    expect(found).toMatchObject({ users: 30, posts: 2_500, after_joining: true, edited_later: true, texts: true });
    expect(found).toMatchObject({ ids: true });
    expect(Number(found?.['drafts'])).toBeGreaterThan(0.02);
    expect(Number(found?.['drafts'])).toBeLessThan(0.09);
    expect(Number(found?.['authors'])).toBeGreaterThan(20);
    expect(Number(found?.['days'])).toBeGreaterThan(720);
  });

  test('run again adds more, around names that are taken', async () => {
    await seed('--users 3 --posts 5');
    const [names] = await withRows(database, async (execute) => {
      // The next number's name is taken under another address, whichever name it will be.
      await execute(`insert into users (id, username, email, password_hash, role, created_at)
        select gen_random_uuid(), first || '.' || last || '.4', first || last || '@example.com', 'none', 'USER', now()
        from unnest(array['ada','bruno','clara','deniz','elif','farid','greta','hana','ivo','jana','karim','lena',
          'marek','nora','otto','petra']) as first,
        unnest(array['adler','brandt','costa','dahl','eriksen','fischer','garcia','horvat','ito','jansen','kovac',
          'lind','moreau','novak']) as last`);
      return execute(`select count(*)::int as count from users where username like '%.4'`);
    });
    expect(names).toEqual({ count: 224 });
    expect(await seed('--users 3 --posts 5')).toMatchObject({ code: 0 });
    const rows = await withRows(database, (execute) =>
      execute(`select substring(email from '[0-9]+') as number from users
        where email like '%@seed.example.com' order by id`),
    );
    expect(rows.map(({ number }) => Number(number)).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7]);
  });

  test('makes the same content on a database in the same state', async () => {
    const other = await createTestDatabase('postgres');
    await Promise.all([
      seed('--users 2 --posts 20'),
      run(seedCommand, ['--users=2', '--posts=20'], variablesFor(other)),
    ]);
    const content =
      'select title, body, status, username from posts join users on users.id = author_id order by posts.created_at';
    const [here, there] = await Promise.all(
      [database, other].map((one) => withRows(one, (execute) => execute(content))),
    );
    expect(here).toEqual(there);
    expect(here).toHaveLength(20);
    await other.drop();
  });

  test('prints the one password of its users', async () => {
    const { out } = await seed('--users 2 --posts 0');
    const username = /to (\S+)\)/.exec(out)?.[1] ?? '';
    const instance = await createTestApp('postgres', { database });
    try {
      const { user } = await instance.client().signIn(username, passwordIn(out));
      expect(user.username).toBe(username);
    } finally {
      await instance.stop();
    }
  });

  test.each(['--users 0', '--users -1', '--users=-1', '--users 100001', '--posts 1e3', '--posts ', '--posts 10000001'])(
    'refuses %s',
    async (args) => {
      expect(await seed(args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^seed: .*--(users|posts).*\n$/),
      });
    },
  );

  test('is not for production', async () => {
    const production = { ...mailed, NODE_ENV: 'production', JWT_SIGNING_KEY: signingKey };
    expect(await seed('--users 1', production)).toEqual({
      code: 1,
      out: '',
      err: 'seed: Made-up users are not for production.\n',
    });
  });
});
