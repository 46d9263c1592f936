import { sql } from 'kysely';
import type { UserViewer } from '../../src/common/viewer.js';
import { Post } from '../../src/modules/posts/post.entity.js';
import { testDatabaseKinds } from '../support/databases.js';
import { anonymous, openPostsDatabase, type PostsDatabase } from './posts-database.js';
import { refusalOf } from './refusal-of.js';

describe.each(testDatabaseKinds)('on %s', (kind) => {
  const nobody = '00000000-0000-7000-8000-000000000000';
  let database: PostsDatabase;
  let alice: UserViewer;
  let bob: UserViewer;
  let admin: UserViewer;

  beforeAll(async () => {
    database = await openPostsDatabase(kind);
    [alice, bob, admin] = [await database.addUser(), await database.addUser(), await database.addUser('ADMIN')];
  });
  afterAll(() => database.close());
  beforeEach(() => database.clear());

  describe('creating a post', () => {
    test('is one statement, makes the caller the author and trims the title alone', async () => {
      database.takeStatements();
      const post = await database.service.create(database.fork(), alice, { title: '  Hi\n', body: ' text ' });
      expect(database.takeStatements()).toHaveLength(1);
      const now = new Date(database.clock.now());
      expect(post).toEqual({
        id: post.id,
        authorId: alice.id,
        title: 'Hi',
        body: ' text ',
        status: 'PUBLISHED',
        createdAt: now,
        updatedAt: now,
      });
      expect(await database.service.byId(database.fork(), anonymous, post.id)).toEqual(post);
    });

    test.each([
      ['an empty title', { title: '', body: 'b' }, ['input.title']],
      ['a blank title', { title: ' \n\t ', body: 'b' }, ['input.title']],
      ['a title of 201 characters', { title: 'x'.repeat(201), body: 'b' }, ['input.title']],
      ['an empty body', { title: 't', body: '' }, ['input.body']],
      ['a body of 100,001 characters', { title: 't', body: 'x'.repeat(100_001) }, ['input.body']],
      ['a NUL and half a surrogate pair', { title: 'a\0', body: '\ud800' }, ['input.title', 'input.body']],
      ['nothing right at all', { title: '', body: '' }, ['input.title', 'input.body']],
    ])('refuses %s', async (_, input, paths) => {
      const refusal = await refusalOf(() => database.service.create(database.fork(), alice, input));
      expect(refusal).toEqual({ code: 'BAD_USER_INPUT', paths });
    });

    test.each([
      ['200 emoji as a title', { title: '😀'.repeat(200), body: 'b' }],
      ['100,000 emoji as a body', { title: 't', body: '😀'.repeat(100_000) }],
      ['100,000 characters in 25,000 hyphenated words', { title: 't', body: hyphenated(25_000) }],
      ['no opinion on the status', { title: 't', body: 'b', status: null }],
      ['markup and quotes', { title: `'; drop table posts; --`, body: '<script>"%_\\</script>' }],
    ])('takes %s', async (_, input) => {
      const post = await database.service.create(database.fork(), alice, input);
      expect(await database.service.byId(database.fork(), anonymous, post.id)).toMatchObject({
        title: input.title,
        body: input.body,
        status: 'PUBLISHED',
      });
    });

    test('fails as REVOKED when the account has just been deleted', async () => {
      const ghost: UserViewer = { ...alice, id: nobody };
      const refusal = await refusalOf(() => database.service.create(database.fork(), ghost, { title: 't', body: 'b' }));
      expect(refusal.code).toBe('UNAUTHENTICATED');
    });
  });

  describe('reading a post', () => {
    test.each(['', 'x', '1', "' or 1=1", '\0', nobody])('the id %j names nothing', async (id) => {
      expect(await database.service.byId(database.fork(), admin, id)).toBeNull();
    });

    test('a draft exists for its author and admins only', async () => {
      const { id } = await database.addPost(alice, { status: 'DRAFT' });
      const seen = [anonymous, bob, alice, admin].map((viewer) => database.service.byId(database.fork(), viewer, id));
      expect((await Promise.all(seen)).map((post) => post !== null)).toEqual([false, false, true, true]);
    });

    test('an id in capitals names the same post', async () => {
      const { id } = await database.addPost(alice);
      expect(await database.service.byId(database.fork(), anonymous, id.toUpperCase())).toMatchObject({ id });
    });
  });

  describe('updating a post', () => {
    test('changes what is given, by one statement beside the one that loads it', async () => {
      const post = await database.addPost(alice);
      database.clock.time += 1000;
      const em = database.fork();
      database.takeStatements();
      await em.findOne(Post, post.id);
      expect(database.takeStatements()).toEqual([expect.not.stringMatching(/search|\*/)]);
      const updated = await database.service.update(em, alice, post.id, { title: ' New ' });
      expect(database.takeStatements()).toHaveLength(1);
      expect(updated).toEqual({ ...post, title: 'New', updatedAt: new Date(database.clock.now()) });
      expect(await database.service.byId(database.fork(), anonymous, post.id)).toEqual(updated);
    });

    test('with nothing given leaves the post as it is, its time of update too', async () => {
      const post = await database.addPost(alice);
      database.clock.time += 1000;
      expect(await database.service.update(database.fork(), alice, post.id, {})).toMatchObject(post);
      expect(await database.service.byId(database.fork(), anonymous, post.id)).toEqual(post);
    });

    test('refuses every null and every broken rule at once', async () => {
      const { id } = await database.addPost(alice);
      const input = { title: null, body: '', status: null };
      const refusal = await refusalOf(() => database.service.update(database.fork(), alice, id, input));
      expect(refusal).toEqual({ code: 'BAD_USER_INPUT', paths: ['input.title', 'input.body', 'input.status'] });
    });

    test('edits of different fields at the same time are both kept', async () => {
      const { id } = await database.addPost(alice);
      const [first, second] = [database.fork(), database.fork()];
      await Promise.all([first.findOne(Post, id), second.findOne(Post, id)]);
      await Promise.all([
        database.service.update(first, alice, id, { title: 'Mine' }),
        database.service.update(second, admin, id, { body: 'Theirs' }),
      ]);
      const post = await database.service.byId(database.fork(), anonymous, id);
      expect(post).toMatchObject({ title: 'Mine', body: 'Theirs' });
    });

    test('a second edit in the same request is written although it restores what was loaded at first', async () => {
      const { id, title } = await database.addPost(alice);
      const em = database.fork();
      await database.service.update(em, alice, id, { title: 'Other' });
      expect(await database.service.update(em, alice, id, { title })).toMatchObject({ title });
      expect(await database.service.byId(database.fork(), anonymous, id)).toMatchObject({ title });
    });
  });

  describe.each([
    [
      'updating',
      (em: ReturnType<PostsDatabase['fork']>, viewer: UserViewer, id: string) =>
        database.service.update(em, viewer, id, { title: 'New' }),
    ],
    [
      'deleting',
      (em: ReturnType<PostsDatabase['fork']>, viewer: UserViewer, id: string) =>
        database.service.delete(em, viewer, id),
    ],
  ] as const)('%s', (_, act) => {
    test.each([
      ['a published post of somebody else', 'PUBLISHED', 'FORBIDDEN'],
      ['a draft of somebody else', 'DRAFT', 'NOT_FOUND'],
    ] as const)('%s is refused and changes nothing', async (_what, status, code) => {
      const post = await database.addPost(alice, { status });
      expect(await refusalOf(() => act(database.fork(), bob, post.id))).toEqual({ code, paths: [] });
      expect(await database.service.byId(database.fork(), admin, post.id)).toEqual(post);
    });

    test.each(['x', nobody])('the id %j is NOT_FOUND', async (id) => {
      expect((await refusalOf(() => act(database.fork(), admin, id))).code).toBe('NOT_FOUND');
    });

    test.each([
      ['its author', () => alice],
      ['an admin', () => admin],
    ])('a draft by %s works', async (_who, who) => {
      const { id } = await database.addPost(alice, { status: 'DRAFT' });
      expect(await act(database.fork(), who(), id)).toMatchObject({ id, authorId: alice.id });
    });

    test('a post that vanished after the permission rule had loaded it is NOT_FOUND', async () => {
      const { id } = await database.addPost(alice);
      const em = database.fork();
      await em.findOne(Post, id);
      await sql`delete from posts where id = ${id}`.execute(database.fork().getKysely());
      expect((await refusalOf(() => act(em, alice, id))).code).toBe('NOT_FOUND');
    });
  });

  test('deleting answers with the post as it was, and of two at once one finds it gone', async () => {
    const post = await database.addPost(alice);
    const tries = [database.fork(), database.fork()].map((em) => database.service.delete(em, alice, post.id));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([{ status: 'fulfilled', value: post }]);
    expect(await database.service.byId(database.fork(), admin, post.id)).toBeNull();
  });

  /** Distinct words, each of which the text search stores three times: whole and in parts. */
  function hyphenated(count: number): string {
    const letters = Array.from({ length: 200 }, (_, index) => String.fromCodePoint(0x20000 + index));
    const words = Array.from({ length: count }, (_, i) => `${letters[i % 200]}-${letters[Math.trunc(i / 200) % 200]}`);
    return words.join(' ').slice(0, 200_000);
  }
});
