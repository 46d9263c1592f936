import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';

describe.each(ordinaryDatabaseKinds)('several steps in one operation, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind);
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  async function author() {
    const client = instance.client();
    await client.signIn('alice');
    const { createPost } = await client.data<{ createPost: { id: string } }>(
      'mutation { createPost(input: { title: "old", body: "…" }) { id } }',
    );
    return { client, id: createPost.id };
  }

  test('each sees what the one before it has written', async () => {
    const { client, id } = await author();
    const steps = `mutation ($id: ID!) {
      first: updatePost(id: $id, input: { title: "new" }) { title }
      second: updatePost(id: $id, input: {}) { title }
    }`;
    expect(await client.data(steps, { id })).toEqual({ first: { title: 'new' }, second: { title: 'new' } });
  });

  test('a post that the first has deleted is not there for the second', async () => {
    const { client, id } = await author();
    const steps = `mutation ($id: ID!) {
      first: deletePost(id: $id) { title }
      second: updatePost(id: $id, input: {}) { title }
    }`;
    expect((await client.error(steps, { id })).extensions.code).toBe('NOT_FOUND');
  });

  test('what comes after a log-out is refused', async () => {
    const { client } = await author();
    const steps = `mutation {
      logout { sessionsEnded }
      createPost(input: { title: "too late", body: "…" }) { id }
    }`;
    expect((await client.error(steps)).extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'REVOKED' });
  });

  test('inside TokenPair the new caller sees their own drafts', async () => {
    const { client } = await author();
    instance.clock.advance(1);
    await client.data('mutation { createPost(input: { title: "draft", body: "…", status: DRAFT }) { id } }');
    const signIn = `mutation ($password: String!) {
      obtainToken(input: { username: "alice", password: $password }) {
        ... on TokenPair { user { posts(first: 1) { nodes { status } } } }
      }
    }`;
    const answer = await instance.client().data(signIn, { password: 'correct horse of alice' });
    expect(answer).toEqual({ obtainToken: { user: { posts: { nodes: [{ status: 'DRAFT' }] } } } });
  });
});
