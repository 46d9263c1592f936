import type { Connection } from '../../src/common/pagination/connection.js';
import { batchedReads } from '../../src/common/pagination/read-rows.js';
import type { UserViewer, Viewer } from '../../src/common/viewer.js';
import type { Post } from '../../src/modules/posts/post.entity.js';
import type { PostFilter, PostsArguments } from '../../src/modules/posts/post.types.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { anonymous, openPostsDatabase, type PostsDatabase } from './posts-database.js';
import { refusalOf } from './refusal-of.js';

describe.each(ordinaryDatabaseKinds)('on %s', (kind) => {
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

  const page = (args: PostsArguments = {}, viewer: Viewer = anonymous) =>
    database.service.page(database.fork(), viewer, args);
  const titles = async (args: PostsArguments = {}, viewer: Viewer = anonymous) =>
    (await page(args, viewer).nodes).map(({ title }) => title);

  async function addPosts(count: number, values: Partial<Post> = {}): Promise<void> {
    for (let index = 1; index <= count; index += 1) {
      database.clock.time += 1000;
      await database.addPost(alice, { title: String(index), ...values });
    }
  }

  describe('the size of a page', () => {
    test('is 20 by default, newest first, and 100 at most', async () => {
      await addPosts(101);
      const newestFirst = Array.from({ length: 101 }, (_, index) => String(101 - index));
      expect(await titles()).toEqual(newestFirst.slice(0, 20));
      expect(await titles({ first: 100 })).toEqual(newestFirst.slice(0, 100));
      expect(await titles({ last: 100 })).toEqual(newestFirst.slice(1));
    });

    test('first: 0 is an empty page that tells whether there is anything', async () => {
      expect(await page({ first: 0 }).pageInfo.hasNextPage).toBe(false);
      await addPosts(1);
      const { nodes, pageInfo, totalCount } = page({ first: 0 });
      expect(await nodes).toEqual([]);
      expect(await pageInfo.hasNextPage).toBe(true);
      expect(await pageInfo.hasPreviousPage).toBe(false);
      expect([await pageInfo.startCursor, await pageInfo.endCursor]).toEqual([null, null]);
      expect(await totalCount).toBe(1);
    });

    test('before alone gives the page that ends there', async () => {
      await addPosts(25);
      const oldest = await page({ last: 1 }).pageInfo.startCursor;
      expect(await titles({ before: oldest })).toEqual(Array.from({ length: 20 }, (_, index) => String(21 - index)));
    });

    test('nulls mean the same as nothing', async () => {
      await addPosts(1);
      const args = { first: null, after: null, last: null, before: null, filter: null, orderBy: null };
      expect(await titles(args)).toEqual(['1']);
      expect(await titles({ filter: { authorId: null, status: null, search: null } })).toEqual(['1']);
    });

    test.each([
      [{ first: -1 }, ['first']],
      [{ first: 101 }, ['first']],
      [{ last: -1 }, ['last']],
      [{ last: 2_147_483_647 }, ['last']],
      [{ first: 1, last: 1 }, ['last']],
      [{ first: 0, last: 0 }, ['last']],
      [{ after: '' }, ['after']],
      [{ before: 'nonsense' }, ['before']],
      [{ after: 'x', before: 'y' }, ['after', 'before']],
      [{ filter: { search: 'x'.repeat(201) } }, ['filter.search']],
      [{ filter: { search: 'a\0b' } }, ['filter.search']],
      [{ filter: { search: '\udc00' } }, ['filter.search']],
      [{ orderBy: { field: 'RELEVANCE', direction: 'DESC' } }, ['filter.search']],
      [{ filter: { search: ' ' }, orderBy: { field: 'RELEVANCE', direction: 'DESC' } }, ['filter.search']],
      [{ first: 101, last: -1, filter: { search: '\0' } }, ['first', 'last', 'filter.search', 'last']],
    ] satisfies [PostsArguments, string[]][])('the arguments %j are refused', async (args, paths) => {
      const refusal = await refusalOf(() => page(args));
      expect(refusal.code).toBe('BAD_USER_INPUT');
      expect(refusal.paths.toSorted()).toEqual(paths.toSorted());
    });
  });

  describe('a cursor', () => {
    const lists: PostsArguments[] = [
      {},
      { orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
      { orderBy: { field: 'UPDATED_AT', direction: 'DESC' } },
      { orderBy: { field: 'TITLE', direction: 'DESC' } },
      { filter: { status: 'PUBLISHED' } },
      { filter: { search: '1' } },
      { filter: { search: '1' }, orderBy: { field: 'RELEVANCE', direction: 'DESC' } },
      { filter: { authorId: '00000000-0000-7000-8000-000000000000' } },
    ];

    test('is refused under every other order and filter, and taken under its own', async () => {
      await addPosts(1);
      for (const [index, from] of lists.slice(0, -1).entries()) {
        const cursor = await page(from).pageInfo.endCursor;
        for (const [other, to] of lists.entries()) {
          if (index === other) expect(await titles({ ...to, after: cursor })).toEqual([]);
          else expect((await refusalOf(() => page({ ...to, after: cursor }))).paths).toEqual(['after']);
        }
      }
    });

    test('fits the default order under its name, an empty filter, and another viewer', async () => {
      await addPosts(2);
      const after = await page({ first: 1 }).pageInfo.endCursor;
      const args: PostsArguments = {
        after,
        filter: { search: ' ' },
        orderBy: { field: 'CREATED_AT', direction: 'DESC' },
      };
      expect(await titles(args, admin)).toEqual(['1']);
    });

    test('goes on working when its row is gone', async () => {
      await addPosts(3);
      const { nodes, pageInfo } = page({ first: 2 });
      const [, last] = await nodes;
      await database.service.delete(database.fork(), admin, last?.id ?? '');
      const after = await pageInfo.endCursor;
      expect(await titles({ after })).toEqual(['1']);
    });

    test('tells exactly whether there is anything behind it', async () => {
      await addPosts(2);
      const { nodes, pageInfo } = page({ first: 1 });
      const after = await pageInfo.endCursor;
      expect(await page({ after }).pageInfo.hasPreviousPage).toBe(true);
      const [newest] = await nodes;
      await database.service.delete(database.fork(), admin, newest?.id ?? '');
      expect(await page({ after }).pageInfo.hasPreviousPage).toBe(false);
    });
  });

  describe('the statements of a page', () => {
    beforeEach(() => addPosts(3));

    test.each([
      ['nothing for nothing selected', async () => page(), 0],
      [
        'one for nodes, edges and page info together',
        async () => {
          const { edges, nodes, pageInfo } = page({ first: 2 });
          await Promise.all([edges, nodes, pageInfo.endCursor, pageInfo.hasNextPage, pageInfo.hasPreviousPage]);
        },
        1,
      ],
      ['one for the count alone', async () => page().totalCount, 1],
      [
        'none for an author id that is none',
        async () => {
          const connection = page({ filter: { authorId: 'nobody' } });
          expect([await connection.nodes, await connection.totalCount]).toEqual([[], 0]);
        },
        0,
      ],
      ['none for the drafts of an anonymous viewer', async () => page({ filter: { status: 'DRAFT' } }).nodes, 0],
    ])('%s', async (_, read, count) => {
      database.takeStatements();
      await read();
      expect(database.takeStatements()).toHaveLength(count);
    });
  });

  describe('drafts', () => {
    const filters: PostFilter[] = [{}, { status: 'DRAFT' }, { status: 'PUBLISHED' }];

    test.each([
      ['an anonymous viewer', () => anonymous, [['p'], [], ['p']]],
      ['a stranger', () => bob, [['p'], [], ['p']]],
      ['the author', () => alice, [['d', 'p'], ['d'], ['p']]],
      ['an admin', () => admin, [['d', 'p'], ['d'], ['p']]],
    ])('are in the lists and counts of %s only if they may be seen', async (_, viewer, expected) => {
      await addPosts(1, { title: 'p' });
      await addPosts(1, { title: 'd', status: 'DRAFT' });
      for (const [index, filter] of filters.entries()) {
        for (const authorId of [null, alice.id, alice.id.toUpperCase()]) {
          expect(await titles({ filter: { ...filter, authorId } }, viewer())).toEqual(expected[index]);
          expect(await page({ filter: { ...filter, authorId } }, viewer()).totalCount).toBe(expected[index]?.length);
        }
      }
    });
  });

  describe('search', () => {
    const search = (text: string) =>
      titles({ filter: { search: text }, orderBy: { field: 'TITLE', direction: 'ASC' } });

    beforeEach(async () => {
      await addPosts(1, { title: 'Apple pie', body: 'with 100% CREAM' });
      await addPosts(1, { title: 'Éclair', body: 'apples and snake_case' });
    });

    test.each([
      ['apple', ['Apple pie']],
      ['APPLE', ['Apple pie']],
      ['app', []],
      ['cream', ['Apple pie']],
      ['éclair', ['Éclair']],
      ['ÉCLAIR', ['Éclair']],
      ['apple or apples', ['Apple pie', 'Éclair']],
      ['apple -pie', []],
      ['"apple pie"', ['Apple pie']],
      ['"pie apple"', []],
      ['%', []],
      ['_', []],
      ['a%', []],
      ["'", []],
      [' -- " ( | & ! :* ', []],
      ['', ['Apple pie', 'Éclair']],
      [' \n ', ['Apple pie', 'Éclair']],
    ])('for %j finds %j', async (text, expected) => {
      expect(await search(text)).toEqual(expected);
    });

    test('is ranked where asked: the better match first', async () => {
      await database.clear();
      await addPosts(1, { title: 'often', body: 'word word word word' });
      await addPosts(1, { title: 'once', body: 'word' });
      const filter = { search: 'word' };
      expect(await titles({ filter, orderBy: { field: 'RELEVANCE', direction: 'DESC' } })).toEqual(['often', 'once']);
      expect(await titles({ filter, orderBy: { field: 'RELEVANCE', direction: 'ASC' } })).toEqual(['once', 'often']);
    });
  });

  test('lists that are read together are the same as those that are read alone', async () => {
    const [carol, dave] = [await database.addUser(), await database.addUser()];
    const authors = [alice, bob, carol, dave];
    for (let index = 0; index < 9; index += 1) {
      database.clock.time += 1000;
      await database.addPost([alice, bob, carol][index % 3] ?? alice, { status: index % 2 ? 'DRAFT' : 'PUBLISHED' });
    }
    for (const page of [{}, { first: 2 }, { last: 2 }, { first: 0 }]) {
      for (const viewer of [anonymous, alice]) {
        const read = batchedReads({ em: database.fork() });
        const together = authors.map(({ id }) => answer(database.service.pageOfAuthor(read, viewer, id, page)));
        const alone = authors.map(({ id }) =>
          answer(database.service.page(database.fork(), viewer, { ...page, filter: { authorId: id } })),
        );
        expect(await Promise.all(together)).toEqual(await Promise.all(alone));
      }
    }
  });

  async function answer({ edges, totalCount, pageInfo }: Connection<Post>) {
    return { edges: await edges, totalCount: await totalCount, more: await pageInfo.hasNextPage };
  }
});
