import fc from 'fast-check';
import { sql } from 'kysely';
import type { Viewer } from '../../src/common/viewer.js';
import type { Post } from '../../src/modules/posts/post.entity.js';
import { canSeePost } from '../../src/modules/posts/post.policy.js';
import type { PostFilter, PostOrder, PostsArguments } from '../../src/modules/posts/post.types.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { anonymous, openPostsDatabase, type PostsDatabase } from './posts-database.js';

describe.each(ordinaryDatabaseKinds)('on %s', (kind) => {
  type Direction = 'forward' | 'backward';
  type NewPost = { author: keyof Users; values: Partial<Post> & { id: string } };
  type Users = Record<'alice' | 'bob' | 'admin', Extract<Viewer, { kind: 'user' }>>;

  interface Walk {
    readonly viewer: Viewer;
    readonly filter: PostFilter;
    readonly order: PostOrder;
    readonly direction: Direction;
    readonly size: number;
  }

  /** A post, and its rank as PostgreSQL computes it. */
  interface Entry extends Post {
    readonly rank: number;
  }

  let database: PostsDatabase;
  let users: Users;

  beforeAll(async () => {
    database = await openPostsDatabase(kind);
    const admin = await database.addUser('ADMIN');
    users = { alice: await database.addUser(), bob: await database.addUser(), admin };
  });
  afterAll(() => database.close());

  const times = fc.integer({ min: 0, max: 2 }).map((step) => new Date(Date.UTC(2026, 0, 1) + step));
  const newPosts = fc.record({
    author: fc.constantFrom<keyof Users>('alice', 'bob', 'admin'),
    values: fc.record({
      id: fc.uuid(),
      title: fc.constantFrom('a', 'b', 'c'),
      body: fc.array(fc.constantFrom('apple', 'Pear', 'plum'), { minLength: 1, maxLength: 4 }).map((w) => w.join(' ')),
      status: fc.constantFrom<Post['status']>('DRAFT', 'PUBLISHED', 'PUBLISHED'),
      createdAt: times,
      updatedAt: times,
    }),
  });
  const changes = fc.array(fc.oneof(newPosts, fc.nat()), { maxLength: 3 });
  const walks = fc
    .record({
      viewer: fc.constantFrom<keyof Users | 'anonymous'>('alice', 'bob', 'admin', 'anonymous'),
      author: fc.option(fc.constantFrom<keyof Users>('alice', 'bob', 'admin')),
      status: fc.option(fc.constantFrom<Post['status']>('DRAFT', 'PUBLISHED')),
      search: fc.option(fc.constantFrom('apple', 'pear -plum', 'APPLE or plum')),
      field: fc.constantFrom<PostOrder['field']>('CREATED_AT', 'UPDATED_AT', 'TITLE', 'RELEVANCE'),
      order: fc.constantFrom<PostOrder['direction']>('ASC', 'DESC'),
      direction: fc.constantFrom<Direction>('forward', 'backward'),
      size: fc.integer({ min: 0, max: 4 }),
    })
    .filter(({ field, search }) => field !== 'RELEVANCE' || search !== null);

  test('every page is what the model has behind the cursor at that moment, while posts come and go', async () => {
    const history = fc.array(changes, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(walks, fc.array(newPosts, { maxLength: 12 }), history, async (choice, posts, later) => {
        await database.clear();
        const walk: Walk = {
          viewer: choice.viewer === 'anonymous' ? anonymous : users[choice.viewer],
          filter: { authorId: choice.author && users[choice.author].id, status: choice.status, search: choice.search },
          order: { field: choice.field, direction: choice.order },
          direction: choice.direction,
          size: choice.size,
        };
        const model = new Map<string, Post>();
        await change(model, posts);
        let cursor: string | null = null;
        let last: Entry | null = null;
        for (const step of later) {
          const list = await listOf(model, walk);
          const page = await readPage(walk, cursor);
          const { expected, more, behind } = cut(list, walk, last);
          expect(page.ids).toEqual(expected.map(({ id }) => id));
          expect(page.totalCount).toBe(list.length);
          expect(page.more).toBe(more);
          expect(page.behind).toBe(behind);
          expect(page.edgeCursors.at(walk.direction === 'forward' ? -1 : 0) ?? null).toBe(page.cursor);
          if (page.cursor === null) break;
          cursor = page.cursor;
          last = (walk.direction === 'forward' ? expected.at(-1) : expected.at(0)) ?? null;
          await change(model, step);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test('between two cursors lie exactly the rows between them, from either end', async () => {
    await fc.assert(
      fc.asyncProperty(
        walks,
        fc.array(newPosts, { minLength: 3, maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        async (choice, posts, i, j) => {
          await database.clear();
          const model = new Map<string, Post>();
          await change(model, posts);
          const walk: Walk = {
            viewer: users.admin,
            filter: { search: choice.search },
            order: { field: choice.field, direction: choice.order },
            direction: choice.direction,
            size: choice.size,
          };
          const list = await listOf(model, walk);
          fc.pre(list.length > 0);
          const args = { filter: walk.filter, orderBy: walk.order };
          const edges = await database.service.page(database.fork(), walk.viewer, { ...args, first: 100 }).edges;
          const [from, to] = [i % list.length, j % list.length];
          const between = list.slice(from + 1, Math.max(to, from + 1)).map(({ id }) => id);
          const forward = walk.direction === 'forward';
          const connection = database.service.page(database.fork(), walk.viewer, {
            ...args,
            ...(forward ? { first: walk.size } : { last: walk.size }),
            after: edges[from]?.cursor ?? null,
            before: edges[to]?.cursor ?? null,
          });
          const nodes = await connection.nodes;
          const wanted = forward ? between.slice(0, walk.size) : between.slice(Math.max(0, between.length - walk.size));
          expect(nodes.map(({ id }) => id)).toEqual(wanted);
          expect(await connection.pageInfo.hasNextPage).toBe(true);
          expect(await connection.pageInfo.hasPreviousPage).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  async function readPage({ viewer, filter, order, direction, size }: Walk, cursor: string | null) {
    const window = direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
    const args: PostsArguments = { ...window, filter, orderBy: order };
    const { edges, nodes, pageInfo, totalCount } = database.service.page(database.fork(), viewer, args);
    const forward = direction === 'forward';
    return {
      ids: (await nodes).map(({ id }) => id),
      edgeCursors: (await edges).map((edge) => edge.cursor),
      totalCount: await totalCount,
      cursor: await (forward ? pageInfo.endCursor : pageInfo.startCursor),
      more: await (forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage),
      behind: await (forward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage),
    };
  }

  /** The page as Relay's specification describes it, over the whole list in the list's order. */
  function cut(list: Entry[], { order, direction, size }: Walk, last: Entry | null) {
    const inReadingOrder = direction === 'forward' ? list : list.toReversed();
    const sign = (order.direction === 'ASC' ? 1 : -1) * (direction === 'forward' ? 1 : -1);
    const ahead = inReadingOrder.filter((post) => last === null || sign * compare(post, last, order) > 0);
    const expected = ahead.slice(0, size);
    return {
      expected: direction === 'forward' ? expected : expected.toReversed(),
      more: ahead.length > size,
      behind: last !== null && ahead.length < list.length,
    };
  }

  async function listOf(model: Map<string, Post>, { viewer, filter, order }: Walk): Promise<Entry[]> {
    const query = sql`websearch_to_tsquery('simple', ${filter.search ?? ''})`;
    const { rows } = await sql<{ id: string; matches: boolean; rank: number }>`
    select id, search @@ ${query} as matches, ts_rank(search, ${query})::float8 as rank from posts`.execute(
      database.fork().getKysely(),
    );
    const list = rows.flatMap(({ id, matches, rank }): Entry[] => {
      const post = model.get(id);
      return post && (matches || filter.search == null) ? [{ ...post, rank }] : [];
    });
    return list
      .filter((post) => canSeePost(viewer, post))
      .filter((post) => filter.authorId == null || post.authorId === filter.authorId)
      .filter((post) => filter.status == null || post.status === filter.status)
      .sort((a, b) => compare(a, b, order) * (order.direction === 'ASC' ? 1 : -1));
  }

  function compare(a: Entry, b: Entry, { field }: PostOrder): number {
    const [left, right] = [a, b].map((post) => {
      if (field === 'CREATED_AT') return post.createdAt.getTime();
      if (field === 'UPDATED_AT') return post.updatedAt.getTime();
      return field === 'TITLE' ? post.title : post.rank;
    });
    if (left !== undefined && right !== undefined && left !== right) return left < right ? -1 : 1;
    return a.id < b.id ? -1 : Number(a.id > b.id);
  }

  /** Inserts posts, or deletes the one at an index. */
  async function change(model: Map<string, Post>, steps: readonly (NewPost | number)[]): Promise<void> {
    for (const step of steps) {
      if (typeof step !== 'number') {
        if (model.has(step.values.id)) continue;
        model.set(step.values.id, await database.addPost(users[step.author], step.values));
        continue;
      }
      const id = [...model.keys()][step % Math.max(1, model.size)];
      if (id === undefined) continue;
      model.delete(id);
      await sql`delete from posts where id = ${id}`.execute(database.fork().getKysely());
    }
  }
});
