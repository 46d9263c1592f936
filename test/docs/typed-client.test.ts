import { readFile } from 'node:fs/promises';
import { generate } from '@graphql-codegen/cli';
import { PosternClient } from '../../examples/typed-client/client.js';
import config from '../../examples/typed-client/codegen.js';
import { visit } from '../../examples/typed-client/main.js';
import { listPosts, me } from '../../examples/typed-client/operations.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';

const credentials = { username: 'alice', password: passwordOf('alice') };

describe('the typed client', () => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp('pglite');
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  const url = () => `${instance.app.url}/graphql`;

  test('has the types that the schema and its operations have now: `npm run codegen` would change nothing', async () => {
    const files: { filename: string; content: string }[] = await generate({ ...config, silent: true }, false);
    expect(files.length).toBeGreaterThan(0);
    for (const { filename, content } of files) expect(await readFile(filename, 'utf8')).toBe(content);
  });

  test('signs in, writes a post, lists it and signs out', async () => {
    const lines: string[] = [];
    await visit(new PosternClient(url()), credentials, (line) => lines.push(line));
    expect(lines).toEqual([
      'Signed in as alice <alice@example.com>.',
      'Wrote "Typed" (PUBLISHED).',
      '- Typed, by alice',
      'Signed out.',
    ]);
  });

  test('renews an expired access token once for all requests that find it expired', async () => {
    const sent: string[] = [];
    const client = new PosternClient(url(), (...[input, init]) => {
      sent.push(/(?:query|mutation) (\w+)/.exec(String(init?.body))?.[1] ?? '');
      return fetch(input, init);
    });
    await client.signIn(credentials.username, credentials.password);
    instance.clock.advance(instance.config.tokens.accessTokenLifetime);
    const answers = await Promise.all([
      client.request(me),
      client.request(me),
      client.request(listPosts, { first: 1 }),
    ]);
    expect(answers.slice(0, 2)).toEqual(Array(2).fill({ me: { username: 'alice', email: 'alice@example.com' } }));
    expect(sent.filter((name) => name === 'RefreshToken')).toHaveLength(1);
    await client.signOut();
  });

  test('has to sign in again when the session is over', async () => {
    const client = new PosternClient(url());
    await client.signIn(credentials.username, credentials.password);
    instance.clock.advance(instance.config.tokens.refreshTokenLifetime);
    await expect(client.request(me)).rejects.toMatchObject({ code: 'TOKEN_NOT_VALID', reason: 'EXPIRED' });
    await expect(client.request(me)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason: 'MISSING' });
  });
});
