import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestApp, type TestApp } from '../support/app.js';
import { createDataDir } from '../support/databases.js';

const list = 'query List($first: Int) { posts(first: $first) { totalCount } }';
const id = createHash('sha256').update(list).digest('hex');
const refused = expect.objectContaining({ extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } });

describe('with TRUSTED_DOCUMENTS', () => {
  let instance: TestApp;
  let directory: Awaited<ReturnType<typeof createDataDir>>;

  beforeAll(async () => {
    directory = await createDataDir();
    const file = join(directory.path, 'documents.json');
    await writeFile(file, JSON.stringify({ [id]: list }));
    instance = await createTestApp('pglite', { env: { TRUSTED_DOCUMENTS: file } });
  });
  afterAll(async () => {
    await instance.stop();
    await directory.remove();
  });

  const post = (payload: object, headers = {}) =>
    instance.app.http.inject({ method: 'POST', url: '/graphql', payload, headers });
  const get = (search: Record<string, string>) =>
    instance.app.http.inject({
      url: `/graphql?${new URLSearchParams(search)}`,
      headers: { 'apollo-require-preflight': '1' },
    });
  const apollo = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

  test.each<[string, object]>([
    ['its id', { documentId: id }],
    ['its id with the name of the hash', { documentId: `sha256:${id}` }],
    ['its hash, as Apollo’s clients do', { extensions: apollo(id) }],
    ['its hash and its text', { query: list, extensions: apollo(id) }],
    ['its text', { query: list }],
  ])('a document of the manifest is run by %s', async (_what, named) => {
    const answer = await post({ ...named, variables: { first: 1 }, operationName: 'List' });
    expect(answer.json()).toEqual({ data: { posts: { totalCount: 0 } } });
  });

  test.each<[string, Record<string, string>]>([
    ['its id', { documentId: id }],
    ['its hash', { extensions: JSON.stringify(apollo(id)) }],
    ['its text', { query: list }],
  ])('and by GET, by %s', async (_what, named) => {
    expect((await get({ ...named, variables: '{"first":1}' })).json()).toEqual({ data: { posts: { totalCount: 0 } } });
  });

  test.each<[string, object]>([
    ['another document', { query: '{ posts { totalCount } }' }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['an unknown id', { documentId: 'x'.repeat(64) }],
    ['an id that every object has', { documentId: '__proto__' }],
    ['a known text under an unknown hash', { query: list, extensions: apollo('x'.repeat(64)) }],
    ['the same with more spaces', { query: `${list} ` }],
    ['a text that is none', { query: { a: 1 } }],
    ['nothing', {}],
  ])('%s is refused, and nothing runs', async (_what, payload) => {
    instance.takeStatements();
    const answer = await post(payload);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ errors: [refused] });
    expect(instance.takeStatements()).toEqual([]);
  });

  test('the refusal is a 400 in the media type of GraphQL', async () => {
    const accept = 'application/graphql-response+json';
    expect((await post({ query: '{ __typename }' }, { accept })).statusCode).toBe(400);
    expect((await get({ query: '{ __typename }' })).json()).toEqual({ errors: [refused] });
  });

  test('other extensions arrive', async () => {
    const answer = await post({ documentId: id, extensions: { cost: true } });
    expect(answer.json().extensions.cost.cost).toBe(21);
    const byGet = await get({ documentId: id, extensions: JSON.stringify({ cost: true, ...apollo(id) }) });
    expect(byGet.json().extensions.cost.cost).toBe(21);
  });

  test.each([
    ['there is no such file', null],
    ['it is no JSON', '{'],
    ['it holds another thing', '["a"]'],
    ['a document is no text', '{"a": 1}'],
  ])('the start is refused where %s', async (_what, content) => {
    const file = join(directory.path, `broken-${String(content?.length)}.json`);
    if (content !== null) await writeFile(file, content);
    await expect(createTestApp('pglite', { env: { TRUSTED_DOCUMENTS: file } })).rejects.toThrow(
      'TRUSTED_DOCUMENTS must name a JSON file of documents by their ids',
    );
  });
});
