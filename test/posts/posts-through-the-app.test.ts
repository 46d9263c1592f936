import { createTestApp, type TestApp } from '../support/app.js';
import type { TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';

interface PostPage {
  readonly nodes: readonly object[];
  readonly totalCount: number;
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
}

describe.each(ordinaryDatabaseKinds)('posts through the app, on %s', (kind) => {
  let app: TestApp;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  let dave: TestClient;
  let stranger: TestClient;

  beforeAll(async () => {
    app = await createTestApp(kind);
    [alice, bob, carol, dave, stranger] = [app.client(), app.client(), app.client(), app.client(), app.client()];
    for (const [name, client] of Object.entries({ alice, bob, carol, dave })) {
      await client.register(name);
      await client.signIn(name);
    }
  });
  afterAll(() => app.stop());

  const create = `mutation ($input: CreatePostInput!) {
    createPost(input: $input) { id title body status createdAt updatedAt author { username } }
  }`;
  const write = async (client: TestClient, input: object): Promise<string> => {
    const { createPost } = await client.data<{ createPost: { id: string } }>(create, { input });
    return createPost.id;
  };
  const codeOf = async (client: TestClient, mutation: string): Promise<string> =>
    (await client.error(`mutation { ${mutation} { id } }`)).extensions.code;

  test('a post is created, read by anyone, edited and deleted by its author', async () => {
    const { createPost } = await alice.data<{ createPost: { id: string } }>(create, {
      input: { title: '  Hello  ', body: 'World' },
    });
    const now = new Date(app.clock.now()).toISOString();
    expect(createPost).toEqual({
      id: createPost.id,
      title: 'Hello',
      body: 'World',
      status: 'PUBLISHED',
      createdAt: now,
      updatedAt: now,
      author: { username: 'alice' },
    });
    const read = `{ post(id: "${createPost.id}") { title author { username } } }`;
    expect(await stranger.data(read)).toEqual({ post: { title: 'Hello', author: { username: 'alice' } } });

    app.clock.advance(1000);
    const update = `mutation { updatePost(id: "${createPost.id}", input: { title: "Bye" }) { title body updatedAt } }`;
    const updatedAt = new Date(app.clock.now()).toISOString();
    expect(await alice.data(update)).toEqual({ updatePost: { title: 'Bye', body: 'World', updatedAt } });

    const remove = `mutation { deletePost(id: "${createPost.id}") { title author { username } } }`;
    expect(await alice.data(remove)).toEqual({ deletePost: { title: 'Bye', author: { username: 'alice' } } });
    expect(await alice.data(read)).toEqual({ post: null });
  });

  test('others are refused: a published post is FORBIDDEN, a draft and what is none NOT_FOUND', async () => {
    const published = await write(alice, { title: 'p', body: 'b' });
    const draft = await write(alice, { title: 'd', body: 'b', status: 'DRAFT' });
    for (const [id, code] of [
      [published, 'FORBIDDEN'],
      [draft, 'NOT_FOUND'],
      ['nothing', 'NOT_FOUND'],
    ] as const) {
      expect(await codeOf(bob, `updatePost(id: "${id}", input: { title: "x" })`)).toBe(code);
      expect(await codeOf(bob, `deletePost(id: "${id}")`)).toBe(code);
      expect(await codeOf(stranger, `deletePost(id: "${id}")`)).toBe('UNAUTHENTICATED');
    }
    expect(await bob.data(`{ post(id: "${draft}") { id } }`)).toEqual({ post: null });
    expect(await alice.data(`{ post(id: "${draft}") { id } }`)).toEqual({ post: { id: draft } });
  });

  test('broken input and broken page arguments come back with the path of every issue', async () => {
    const { extensions } = await alice.error(create, { input: { title: ' ', body: '' } });
    expect(extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'title'] }, { path: ['input', 'body'] }],
    });
    const paging = await stranger.error('{ posts(first: 101, after: "") { nodes { id } } }');
    expect(paging.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['first'] }] });
    const cursor = await stranger.error('{ posts(after: "") { nodes { id } } }');
    expect(cursor.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] });
  });

  const page = `edges { cursor node { id author { username } } } nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount`;
  const id = '00000000-0000-7000-8000-000000000000';

  // A viewer's own list has drafts in it and therefore another text than the others, which all share one.
  const ofTwoKinds = 2;

  test.each([
    ['{ posts { __typename } }', 0],
    ['{ posts { totalCount } }', 1],
    ['{ posts { nodes { id } } }', 1],
    [`{ posts { ${page} } }`, 3],
    [`{ posts { nodes { author { posts(first: 2) { ${page} } } } } }`, 2 + ofTwoKinds * 2],
    [
      '{ posts { nodes { author { a: posts(last: 1) { nodes { id } } b: posts { nodes { id } } } } } }',
      2 + ofTwoKinds * 2,
    ],
    [`{ post(id: "${id}") { id } }`, 1],
    ['mutation { createPost(input: { title: "t", body: "b" }) { id } }', 1],
  ])('%s takes %i statements, however many rows there are', async (operation, count) => {
    for (const client of [alice, bob, carol, dave]) await write(client, { title: 't', body: 'b' });
    app.takeStatements();
    await alice.data(operation);
    expect(app.takeStatements()).toHaveLength(count);
  });

  test('the pages of a list follow each other to its end', async () => {
    const { user } = await dave.signIn('dave');
    for (let written = 0; written < 5; written += 1) await write(dave, { title: 't', body: 'b', status: 'DRAFT' });
    const query = `query ($after: String, $filter: PostFilter) {
      posts(first: 2, after: $after, filter: $filter) { ${page} }
    }`;
    const read: unknown[] = [];
    let after: string | null = null;
    do {
      const filter = { authorId: user.id, status: 'DRAFT' };
      const { posts }: { posts: PostPage } = await dave.data(query, { after, filter });
      expect(posts.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(posts.totalCount).toBe(5);
      read.push(posts.nodes.length);
      after = posts.pageInfo.hasNextPage ? posts.pageInfo.endCursor : null;
    } while (after !== null);
    expect(read).toEqual([2, 2, 1]);
  });

  test('within one operation, a list that is read after a mutation shows what it has written', async () => {
    const carolCreates = 'createPost(input: { title: "t", body: "b" }) { author { posts { totalCount } } }';
    const totals = await carol.data<Record<'a' | 'b', { author: { posts: { totalCount: number } } }>>(
      `mutation { a: ${carolCreates} b: ${carolCreates} }`,
    );
    expect(totals.b.author.posts.totalCount).toBe(totals.a.author.posts.totalCount + 1);
  });

  test('User.posts has drafts for the user alone', async () => {
    await write(bob, { title: 'hidden', body: 'b', status: 'DRAFT' });
    const titles = async (client: TestClient) =>
      JSON.stringify(await client.data('{ user(username: "bob") { posts { nodes { title } } } }'));
    expect(await titles(bob)).toContain('hidden');
    expect(await titles(alice)).not.toContain('hidden');
    expect(await titles(stranger)).not.toContain('hidden');
  });

  test('an edit takes two statements: one for the rule, one that writes', async () => {
    const mine = await write(alice, { title: 't', body: 'b' });
    app.takeStatements();
    await alice.data(`mutation { updatePost(id: "${mine}", input: { body: "c" }) { id } }`);
    expect(app.takeStatements()).toHaveLength(2);
    await alice.data(`mutation { deletePost(id: "${mine}") { id } }`);
    expect(app.takeStatements()).toHaveLength(2);
  });
});
