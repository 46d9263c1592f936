import { getIntrospectionQuery } from 'graphql';
import { readExamples } from '../docs/examples.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { cpuTime } from '../support/measure.js';

const graphqlType = 'application/graphql-response+json';

/** The page size stands in every list on the way down. */
const nested = (page: string, depth: number): string =>
  depth === 0 ? 'id' : `author { posts(${page}) { nodes { ${nested(page, depth - 1)} } } }`;

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');

describe('the cost of an operation', () => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp('pglite');
  });
  afterAll(() => instance.stop());

  const refused: [string, string, object?][] = [
    ['lists in lists in lists', `{ posts(first: 100) { nodes { ${nested('first: 100', 2)} } } }`],
    ['lists counted from their end', `{ posts(last: 100) { nodes { ${nested('last: 100', 2)} } } }`],
    [
      'lists without a page size, of 20',
      `{ posts { nodes { ${nested('orderless', 3).replaceAll('(orderless)', '')} } } }`,
    ],
    ['a page size beyond the largest', `{ posts(first: 2000000000) { nodes { ${nested('first: 2000000000', 2)} } } }`],
    ['a thousand aliases', `{ ${aliases(1_000, 'posts(first: 100) { nodes { id } }')} }`],
    ['edges', '{ posts(first: 100) { edges { node { author { posts(first: 100) { edges { node { id } } } } } } } }'],
    ['the default of a variable', `query ($n: Int = 100) { posts(first: $n) { nodes { ${nested('first: $n', 2)} } } }`],
    [
      'the value of a variable',
      `query ($n: Int = 1) { posts(first: $n) { nodes { ${nested('first: $n', 2)} } } }`,
      { n: 100 },
    ],
    [
      'fragments',
      `{ posts(first: 100) { nodes { ...a } } }
       fragment a on Post { author { posts(first: 100) { nodes { ... on Post { ...b } } } } }
       fragment b on Post { author { posts(first: 100) { nodes { id } } } }`,
    ],
    [
      'a list beside one whose negative size would make up for it',
      `{ less: posts(first: -100) { nodes { ${nested('first: -100', 2)} } } posts(first: 100) { nodes { ${nested('first: 100', 2)} } } }`,
    ],
    [
      'a list beside a field whose arguments are wrong',
      `query ($id: ID = "x") { post(id: $id) { id } posts(first: 100) { nodes { ${nested('first: 100', 2)} } } }`,
      { id: null },
    ],
    ['many fields in a long list', `{ posts(first: 100) { nodes { ${aliases(1_000, '__typename')} } } }`],
    [
      'fragments that double each time, though what they lead to is skipped',
      `{ ...f0 } ${Array.from({ length: 30 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ... on Query { ...f${n + 1} } }`).join(' ')}
       fragment f30 on Query { me @skip(if: true) { id } }`,
    ],
    [
      'lists below a mutation',
      `mutation { refreshToken { user { posts(first: 100) { nodes { ${nested('first: 100', 2)} } } } } }`,
    ],
  ];

  test.each(refused)('%s are refused before they run', async (_title, query, variables = {}) => {
    const client = instance.client();
    await client.query('{ __typename }');
    instance.takeStatements();
    const started = cpuTime();
    const answer = await client.query(query, variables);
    const took = cpuTime() - started;
    expect(answer.errors.map(({ extensions }) => extensions)).toEqual([{ code: 'QUERY_TOO_COMPLEX' }]);
    expect(answer.data).toBeUndefined();
    expect(answer.status).toBe(200);
    expect(instance.takeStatements()).toEqual([]);
    if (query.length < 1_000) expect(took).toBeLessThan(50);
  });

  test('the refusal names the cost and the limit, and is 400 in the media type of GraphQL', async () => {
    const client = instance.client();
    client.headers = { accept: graphqlType };
    const { status, errors } = await client.query(
      '{ posts(first: 100) { nodes { author { posts(first: 100) { totalCount } } } } }',
    );
    expect(status).toBe(400);
    // 1 + 100 × (nodes 1 + author 1 + posts (1 + 100 × 1))
    expect(errors[0]?.message).toBe('The operation costs 10301; at most 10000 is allowed. Ask for less, or in parts.');
  });

  const allowed: [string, { query: string; operationName?: string }][] = [
    ['introspection as GraphiQL does it', { query: getIntrospectionQuery({ inputValueDeprecation: true }) }],
    [
      'a long list in a list',
      { query: '{ posts(first: 90) { nodes { author { posts(first: 90) { totalCount } } } } }' },
    ],
    [
      'a list that is skipped',
      {
        query: `query ($no: Boolean = true) { posts(first: 100) @skip(if: $no) { nodes { ${nested('first: 100', 2)} } } }`,
      },
    ],
    [
      'an operation beside an expensive one',
      {
        query: `query A { __typename } query B { posts(first: 100) { nodes { ${nested('first: 100', 2)} } } }`,
        operationName: 'A',
      },
    ],
  ];

  test.each(allowed)('%s costs little enough', async (_title, payload) => {
    const answer = await instance.app.http.inject({ method: 'POST', url: '/graphql', payload });
    expect(answer.json().errors).toBeUndefined();
    expect(answer.statusCode).toBe(200);
  });

  test('every example costs little enough', async () => {
    for (const { query } of await readExamples()) {
      const { errors } = await instance.client().query(query);
      expect(errors.map(({ extensions }) => extensions.code)).not.toContain('QUERY_TOO_COMPLEX');
    }
  });

  test('variables of the wrong type are left to the execution to report', async () => {
    const { extensions } = await instance
      .client()
      .error('query ($n: Int) { posts(first: $n) { totalCount } }', { n: 'x' });
    expect(extensions.code).toBe('BAD_USER_INPUT');
  });

  test('a condition without a value is the fault of the caller', async () => {
    const { extensions } = await instance
      .client()
      .error('query ($no: Boolean = false) { posts { totalCount @skip(if: $no) } }', { no: null });
    expect(extensions.code).toBe('BAD_USER_INPUT');
  });
});

test('QUERY_COST_LIMIT sets the limit, to the unit', async () => {
  const instance = await createTestApp('pglite', { env: { QUERY_COST_LIMIT: '22' } });
  const client = instance.client();
  // 1 + 20 × 1, and 1 more
  expect((await client.query('{ posts { totalCount } __typename }')).errors).toEqual([]);
  expect((await client.error('{ posts { totalCount } __typename me { id } }')).extensions.code).toBe(
    'QUERY_TOO_COMPLEX',
  );
  expect((await client.query(getIntrospectionQuery())).errors).toEqual([]);
  await instance.stop();
});
