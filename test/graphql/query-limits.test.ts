import { type GraphQLInputType, getIntrospectionQuery, getNamedType, isInputObjectType } from 'graphql';
import { checksCredentials } from '../../src/common/credential-check.js';
import { readExamples } from '../docs/examples.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** So many fields within fields. */
function nested(depth: number, level = 0): string {
  const names = ['posts(first: 1)', 'nodes', 'author'];
  if (level === depth - 1) return level % 3 === 1 ? 'totalCount' : '__typename';
  return `${names[level % 3]} { ${nested(depth, level + 1)} }`;
}

const rootFields = (count: number): string => times(count, (n) => `a${n}: __typename`);
const aliases = (count: number): string => times(count, (n) => `a${n}: id`);

let instance: TestApp;
beforeAll(async () => {
  // So dear that nothing here is refused for its cost.
  instance = await createTestApp('pglite', { env: { QUERY_COST_LIMIT: '1000000' } });
  await instance.client().register('alice');
});
afterAll(() => instance.stop());

describe('an operation', () => {
  test.each<[what: string, operation: (count: number) => string, limit: number, told: string]>([
    ['fields within fields', (count) => `{ ${nested(count)} }`, 15, 'The operation is 16 fields deep; at most 15'],
    [
      'fields within fields, by a fragment',
      (count) => `{ posts { nodes { ...f } } } fragment f on Post { author { ${nested(count - 3)} } }`,
      15,
      'The operation is 16 fields deep; at most 15',
    ],
    ['fields at its root', (count) => `{ ${rootFields(count)} }`, 20, 'has 21 fields at its root; at most 20'],
    [
      'fields at its root, by fragments',
      (count) => `{ ...f ... { ...f } } fragment f on Query { ${rootFields(count)} }`,
      10,
      'has 22 fields at its root; at most 20',
    ],
    ['aliases', (count) => `{ posts { nodes { ${aliases(count)} } } }`, 50, 'has 51 aliases; at most 50'],
    [
      'aliases, by a fragment that is spread twice',
      (count) => `{ posts { nodes { ...f } edges { node { ...f } } } } fragment f on Post { ${aliases(count)} }`,
      25,
      'has 52 aliases; at most 50',
    ],
    [
      'directives',
      (count) => `{ posts { nodes { ${times(count, () => 'id @skip(if: false)')} } } }`,
      50,
      'has 51 directives; at most 50',
    ],
    ['words and signs', (count) => `{ ${times(count - 2, () => 'me')} }`, 2_000, 'more than 2000 words and signs'],
  ])('has at most so many %s', async (_what, operation, limit, told) => {
    const client = instance.client();
    const codes = (await client.query(operation(limit))).errors.map(({ extensions }) => extensions.code);
    expect(codes).not.toContain('QUERY_TOO_COMPLEX');
    instance.takeStatements();
    const { message, extensions } = await client.error(operation(limit + 1));
    expect(message).toContain(told);
    expect(extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
    expect(instance.takeStatements()).toEqual([]);
  });

  test('is not too large if an explorer or an example makes it', async () => {
    const ordinary = [getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true })];
    for (const { query } of await readExamples()) ordinary.push(query);
    for (const query of ordinary) {
      const { errors } = await instance.client().query(query);
      expect(errors.map(({ extensions }) => extensions.code)).not.toContain('QUERY_TOO_COMPLEX');
    }
  });

  test('that is far too large is refused within a moment', async () => {
    const bombs = [
      `{ ${times(3_000, (n) => `a${n}: me { id }`)} }`,
      `{ ${times(490, () => 'me { id }')} }`,
      `{ me { ...f0 } } ${times(190, (n) => `fragment f${n} on User { ...f${n + 1} id ...f${n + 1} }`)} fragment f190 on User { id }`,
      `query ($i: [[[ID]]] = ${'['.repeat(900)}${']'.repeat(900)}) { me { id } }`,
      `{ me { ${'... { '.repeat(400)} id ${'} '.repeat(400)} } }`,
      `{ post(id: "${'x'.repeat(900_000)}") { id } }`,
      `{ me { id ${'@skip(if: false) '.repeat(300)} } }`,
    ];
    const client = instance.client();
    await client.query('{ __typename }');
    for (const bomb of bombs) {
      const start = performance.now();
      const { errors } = await client.query(bomb);
      expect(performance.now() - start).toBeLessThan(1_500);
      for (const { extensions } of errors) expect(extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
      expect(JSON.stringify(errors).length).toBeLessThan(20_000);
    }
  });
});

describe('fields that check a password, a code or a mailed token', () => {
  const signIn = (alias: string) =>
    `${alias}: obtainToken(input: { username: "alice", password: "${passwordOf('alice')}" }) { __typename }`;

  test.each([
    ['a thousand right passwords', `mutation { ${times(1_000, (n) => signIn(`a${n}`))} }`],
    ['two right passwords', `mutation { ${signIn('a')} ${signIn('b')} }`],
    ['two of them by fragments', `mutation { ...f ${signIn('b')} } fragment f on Mutation { ${signIn('a')} }`],
    [
      'two different ones',
      `mutation { ${signIn('a')} obtainSlidingToken(input: { username: "alice", password: "p" }) { token } }`,
    ],
    ['two of a query', '{ a: exportMyData(password: "p") b: exportMyData(password: "q") }'],
  ])('are one an operation: %s are refused before they run', async (_what, query) => {
    instance.takeStatements();
    const { extensions } = await instance.client().error(query);
    expect(extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
    expect(instance.takeStatements()).toEqual([]);
  });

  test('may stand beside fields that do not', async () => {
    const { errors } = await instance.client().query(`mutation { ${signIn('a')} logout { sessionsEnded } }`);
    expect(errors.map(({ extensions }) => extensions.code)).not.toContain('QUERY_TOO_COMPLEX');
  });

  test('say which they are', async () => {
    const { message } = await instance.client().error(`mutation { ${signIn('a')} ${signIn('b')} }`);
    expect(message).toBe('Only one of obtainToken may be in an operation. Send them one by one.');
  });

  const secretNames = ['password', 'currentPassword', 'newPassword', 'code', 'response', 'challengeToken'];
  const takesSecret = (name: string, type: GraphQLInputType): boolean => {
    const named = getNamedType(type);
    if (isInputObjectType(named)) return Object.keys(named.getFields()).some((field) => secretNames.includes(field));
    return secretNames.includes(name);
  };

  test('are marked: every field that takes a password or a code is', () => {
    const { schema } = instance.app;
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}),
    );
    const unmarked = fields.filter(
      (field) => field.args.some(({ name, type }) => takesSecret(name, type)) && !checksCredentials(field),
    );
    expect(unmarked.map(({ name }) => name)).toEqual([]);
    expect(fields.filter(checksCredentials).length).toBeGreaterThan(20);
  });
});

describe('extensions.cost', () => {
  const ask = (query: string, extensions?: object) =>
    instance.app.http.inject({ method: 'POST', url: '/graphql', payload: { query, extensions } });

  test('tells what an operation costs, to whoever asks', async () => {
    const answer = await ask('{ posts(first: 5) { totalCount } }', { cost: true });
    expect(answer.json()).toEqual({
      data: { posts: { totalCount: 0 } },
      extensions: { cost: { cost: 6, limit: 1_000_000 } },
    });
  });

  test('tells it of what was refused, too', async () => {
    const lists =
      '{ posts(first: 100) { nodes { author { posts(first: 100) { nodes { author { posts(first: 100) { totalCount } } } } } } } }';
    const { errors, extensions } = (await ask(lists, { cost: true })).json();
    expect(errors[0].extensions.code).toBe('QUERY_TOO_COMPLEX');
    expect(extensions.cost).toEqual({ cost: expect.any(Number), limit: 1_000_000 });
  });

  test('is not there otherwise', async () => {
    expect((await ask('{ __typename }')).json()).toEqual({ data: { __typename: 'Query' } });
    expect((await ask('{ __typename }', { cost: 'yes' })).json()).toEqual({ data: { __typename: 'Query' } });
  });
});
