import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'graphql';
import { loadExampleTabs } from '../../src/http/explorer-examples.js';
import { startHttp } from './support.js';

describe('the explorer', () => {
  test('does not exist in production', async () => {
    const http = await startHttp({ environment: 'production' });
    for (const url of ['/', '/graphiql']) expect((await http.app.inject({ url })).statusCode).toBe(404);
    await http.close();
  });

  test('tries Apollo Sandbox at / and may load it, and only it, from elsewhere', async () => {
    const http = await startHttp({ environment: 'development' });
    const answer = await http.app.inject({ url: '/' });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('embeddable-sandbox.umd.production.min.js');
    expect(answer.body).toContain("location.replace('/graphiql')");
    expect(answer.headers['content-security-policy']).toContain(
      "script-src 'unsafe-inline' https://embeddable-sandbox.cdn.apollographql.com;",
    );
    await http.close();
  });

  test('is a self-contained GraphiQL at /graphiql', async () => {
    const http = await startHttp({ environment: 'development' });
    const answer = await http.app.inject({ url: '/graphiql' });
    expect(answer.body).toContain('renderYogaGraphiQL');
    expect(answer.body).toContain('"endpoint":"/graphql","defaultTabs":[{"query":');
    expect(answer.headers['content-security-policy']).toContain("connect-src 'self'");
    await http.close();
  });

  test('is where a browser ends that opens /graphql, while queries pass', async () => {
    const http = await startHttp({ environment: 'development' });
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const page = await http.app.inject({ url: '/graphql', headers: { accept } });
    expect([page.statusCode, page.headers.location]).toEqual([302, '/']);
    const query = await http.app.inject({
      url: '/graphql?query={hello}',
      headers: { accept, 'apollo-require-preflight': '1' },
    });
    expect(query.json().data).toEqual({ hello: 'Hello, world!' });
    await http.close();
  });
});

describe('the example tabs', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'examples-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function tabsOf(text: string) {
    const file = join(folder, 'examples.graphql');
    await writeFile(file, text);
    return loadExampleTabs(pathToFileURL(file));
  }

  test('hold one operation each, with its comment, its variables and the fragments it needs, in the order of a first visit', async () => {
    const tabs = await tabsOf(`
      # Writes a post
      # {"input": {"title": "Hello"}}
      mutation Create($input: In!) { createPost(input: $input) { ...P } }
      query Unrelated { other }
      # Reads posts
      query Posts { posts { ...P } }
      fragment P on Post { id }
    `);
    expect(tabs).toEqual([
      { query: expect.stringMatching(/^# Reads posts\nquery Posts {[\s\S]*fragment P on Post/) },
      {
        query: expect.stringMatching(/^# Writes a post\nmutation Create/),
        variables: '{"input": {"title": "Hello"}}',
      },
    ]);
  });

  test.each([
    ['broken', 'query {'],
    ['missing', null],
  ])('are built in where the file is %s', async (_title, text) => {
    const missing = pathToFileURL(join(folder, 'missing.graphql'));
    const tabs = text === null ? await loadExampleTabs(missing) : await tabsOf(text);
    expect(tabs.length).toBeGreaterThan(0);
    for (const { query } of tabs) expect(() => parse(query)).not.toThrow();
  });
});
