import { describeWaiting, findFailed, reviveFailed } from '../../src/modules/outbox/outbox.queries.js';
import type { TestApp } from '../support/app.js';
import type { Pair, TestClient } from '../support/client.js';
import { commonWord, frequentWord, rareWord } from './fill.js';

/** Something that the API does, with what its statements may do beyond the ordinary. */
export interface Operation {
  readonly name: string;
  run(): Promise<unknown>;
  /** Rows that a scan may read where it is more than a page; null for as many as there are. */
  readonly reads?: number | null;
  /** Whether reading a whole table is the best plan there is. */
  readonly scans?: boolean;
  /** Whether it is answered without a statement. */
  readonly silent?: boolean;
  /** Why it may read more, or scan. */
  readonly because?: string;
}

export interface Actors {
  readonly anonymous: TestClient;
  readonly alice: TestClient;
  readonly admin: TestClient;
  readonly aliceId: string;
  readonly adminId: string;
}

interface PostsPage {
  readonly posts: { readonly nodes: readonly { readonly id: string }[]; readonly pageInfo: Cursors };
}

interface Cursors {
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

const postsQuery = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: PostFilter, $orderBy: PostOrder) {
  posts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    nodes { id title author { username } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const countQuery = 'query ($filter: PostFilter) { posts(first: 0, filter: $filter) { totalCount } }';
const directions = ['ASC', 'DESC'] as const;
const orders = ['CREATED_AT', 'UPDATED_AT', 'TITLE'] as const;

/** Forward from the start and after a page, backward from the end and before a page. */
async function turnPages(client: TestClient, list: object): Promise<void> {
  const { posts } = await client.data<PostsPage>(postsQuery, { ...list, first: 20 });
  const { endCursor, startCursor } = posts.pageInfo;
  if (endCursor !== null) await client.data(postsQuery, { ...list, first: 20, after: endCursor });
  if (startCursor !== null) await client.data(postsQuery, { ...list, last: 20, before: startCursor });
  await client.data(postsQuery, { ...list, last: 20 });
}

/** Every post matches, so every post is read. */
const everyPost = 'a word of every post';

/** Every order and direction of `Query.posts` under every filter, for every kind of viewer. */
export function listOperations({ anonymous, alice, admin, aliceId, adminId }: Actors): Operation[] {
  const filters: [string, object][] = [
    ['all', {}],
    ['of one author', { authorId: aliceId }],
    ["of another's", { authorId: adminId }],
    ['published', { status: 'PUBLISHED' }],
    ['drafts', { status: 'DRAFT' }],
    ['drafts of one author', { status: 'DRAFT', authorId: aliceId }],
  ];
  const viewers: [string, TestClient][] = [
    ['anonymous', anonymous],
    ['a user', alice],
    ['an admin', admin],
  ];
  return viewers.flatMap(([viewer, client]) =>
    filters.flatMap(([which, filter]) => {
      const silence = { silent: client === anonymous && 'status' in filter && filter.status === 'DRAFT' };
      return [
        ...orders.map((field) => ({
          ...silence,
          name: `posts, ${which}, by ${field}, for ${viewer}`,
          run: async () => {
            for (const direction of directions) await turnPages(client, { filter, orderBy: { field, direction } });
          },
        })),
        {
          ...silence,
          name: `posts, ${which}, totalCount, for ${viewer}`,
          run: () => client.data(countQuery, { filter }),
          reads: null,
          because: 'counting counts; only when selected, and in an index alone',
        },
      ];
    }),
  );
}

/** What a search walks of a list before it asks the index of the words. */
export const walk = 2_000;

/** Full-text search: a word that every post has, one that some and one that few have. */
export function searchOperations({ alice, aliceId }: Actors, matches: number): Operation[] {
  const searches: [string, object][] = [
    [everyPost, { search: commonWord }],
    ['a frequent word', { search: frequentWord }],
    ['a rare word', { search: rareWord }],
    ['no such word', { search: 'zzz' }],
    ['a common word of one author', { search: commonWord, authorId: aliceId }],
    ['a rare word of one author', { search: rareWord, authorId: aliceId }],
  ];
  return searches.flatMap(([which, filter]) => [
    ...orders.map((field) => ({
      name: `search for ${which}, by ${field}`,
      run: async () => {
        for (const direction of directions) await turnPages(alice, { filter, orderBy: { field, direction } });
      },
      reads: Math.max(walk, matches),
      because: 'walks 2,000 posts at most, and then reads the matches only',
    })),
    {
      name: `search for ${which}, by RELEVANCE`,
      run: () => turnPages(alice, { filter, orderBy: { field: 'RELEVANCE', direction: 'DESC' } }),
      reads: null,
      scans: which === everyPost,
      because: 'ranks and sorts every match, which for a word of every post is the whole table',
    },
    {
      name: `search for ${which}, totalCount`,
      run: () => alice.data(countQuery, { filter }),
      reads: null,
      scans: which === everyPost,
      because: 'counts every match, which for a word of every post is the whole table',
    },
  ]);
}

/** Reading and writing posts and users one by one. */
export function rowOperations({ alice, admin, anonymous, aliceId }: Actors): Operation[] {
  let id = '';
  const create = async () => {
    const created = await alice.data<{ createPost: { id: string } }>(
      'mutation { createPost(input: { title: "A title", body: "A body" }) { id author { username } } }',
    );
    id = created.createPost.id;
  };
  const titled = 'mutation ($id: ID!) { updatePost(id: $id, input: { title: "Another" }) { id author { username } } }';
  const authorsPosts = '{ posts(first: 20) { nodes { author { username posts(first: 5) { nodes { title } } } } } }';
  return [
    { name: 'createPost', run: create },
    { name: 'post', run: () => anonymous.data('query ($id: ID!) { post(id: $id) { title } }', { id }) },
    { name: 'updatePost by its author', run: () => alice.data(titled, { id }) },
    { name: 'updatePost by an admin', run: () => admin.data(titled, { id }) },
    { name: 'deletePost', run: () => alice.data('mutation ($id: ID!) { deletePost(id: $id) { title } }', { id }) },
    { name: 'me', run: () => alice.data('{ me { username email } }') },
    { name: 'user', run: () => anonymous.data('{ user(username: "USER7") { username posts { nodes { id } } } }') },
    {
      name: 'posts of every author of a page',
      run: () => alice.data(authorsPosts),
      reads: 600,
      because: 'twenty lists',
    },
    { name: 'register', run: () => anonymous.register('newcomer') },
    { name: 'register, taken', run: () => anonymous.query(registerAgain, { id: aliceId }) },
  ];
}

const registerAgain = `mutation {
  register(input: { username: "NEWCOMER", email: "newcomer@EXAMPLE.com", password: "correct horse battery" }) { id }
}`;

const wrongPassword =
  'mutation ($username: String!) { obtainToken(input: { username: $username, password: "wrong horse battery" }) { __typename } }';

/** Everything about tokens and sessions; `keeper` is an instance that does not rotate refresh tokens. */
export function tokenOperations(instance: TestApp, keeper: TestApp, { anonymous }: Actors): Operation[] {
  const client = instance.client();
  let pair: Pair;
  let rotated: Pair;
  const signIn = async (username = 'alice') => {
    pair = await client.signIn(username, 'correct horse of alice');
  };
  const refresh = async (token: string, by = client) => {
    const { data } = await by.refresh(token);
    if (data?.refreshToken) rotated = data.refreshToken;
  };
  const verify = (token: string) =>
    client.data('mutation ($token: String!) { verifyToken(token: $token) { jti } }', { token });
  return [
    { name: 'obtainToken', run: () => signIn() },
    { name: 'obtainToken by e-mail', run: () => signIn('alice@example.com') },
    { name: 'obtainToken, wrong password', run: () => anonymous.query(wrongPassword, { username: 'alice' }) },
    { name: 'obtainToken, unknown user', run: () => anonymous.query(wrongPassword, { username: 'nobody' }) },
    { name: 'obtainToken, over the limit', run: () => exceedLimit(instance.client('198.51.100.1')) },
    { name: 'refreshToken', run: () => refresh(pair.refreshToken) },
    { name: 'refreshToken, again within the grace period', run: () => refresh(pair.refreshToken) },
    { name: 'refreshToken without rotation', run: () => refresh(rotated.refreshToken, keeper.client()) },
    { name: 'verifyToken, access', run: () => verify(rotated.accessToken) },
    { name: 'verifyToken, refresh', run: () => verify(rotated.refreshToken) },
    { name: 'refreshToken, reused', run: () => reuse(instance, client, pair, rotated, refresh) },
    { name: 'sessions', run: () => signIn().then(() => client.data('{ sessions { id current } }')) },
    { name: 'revokeSession', run: () => revokeOldest(client) },
    {
      name: 'revokeToken',
      run: () => client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token: pair.refreshToken }),
    },
    { name: 'logout', run: () => signIn().then(() => client.data('mutation { logout { sessionsEnded } }')) },
    {
      name: 'logout everywhere',
      run: () => signIn().then(() => client.data('mutation { logout(all: true) { sessionsEnded } }')),
    },
  ];
}

async function exceedLimit(stranger: TestClient): Promise<void> {
  for (let attempt = 0; attempt <= 10; attempt++) await stranger.query(wrongPassword, { username: 'alice' });
}

async function reuse(
  instance: TestApp,
  client: TestClient,
  pair: Pair,
  rotated: Pair,
  refresh: (token: string) => Promise<void>,
): Promise<void> {
  await refresh(rotated.refreshToken);
  instance.clock.advance(1_000);
  await client.refresh(pair.refreshToken);
}

async function revokeOldest(client: TestClient): Promise<void> {
  const { sessions } = await client.data<{ sessions: { id: string }[] }>('{ sessions { id } }');
  await client.data('mutation ($id: ID!) { revokeSession(id: $id) { id } }', { id: sessions.at(-1)?.id });
}

/** What the server does by itself. */
export function maintenanceOperations(instance: TestApp, startAnother: () => Promise<TestApp>): Operation[] {
  return [
    { name: 'start of an instance', run: async () => (await startAnother()).stop() },
    {
      name: 'flush',
      run: () => instance.app.services.flush.flush(instance.app.database.fork()),
      reads: 1_000,
      because: 'a batch',
    },
    { name: 'outbox, looked into in vain', run: () => instance.app.services.outbox.deliver() },
    {
      name: 'outbox, a mail from writing to sending',
      run: async () => {
        const { mailer, outbox } = instance.app.services;
        const mail = { template: 'signInCode', facts: { code: '123456' }, to: 'alice@example.com' } as const;
        await mailer.post(instance.app.database.fork(), { ...mail, userId: null, username: 'alice' });
        await outbox.deliver();
      },
    },
    { name: 'outbox list', run: () => findFailed(instance.app.database.fork(), 100) },
    {
      name: 'outbox list, what waits',
      run: () => describeWaiting(instance.app.database.fork()),
      reads: null,
      scans: true,
      because: 'counts all that waits, for a person who asks',
    },
    {
      name: 'outbox retry',
      run: () => reviveFailed(instance.app.database.fork(), new Date(instance.clock.now() + 86_400_000)),
      reads: null,
      scans: true,
      because: 'changes all that was given up',
    },
    {
      name: 'deletion of a user, by hand',
      run: () => instance.app.database.fork().execute("delete from users where lower(username) = 'user1500'"),
    },
  ];
}
