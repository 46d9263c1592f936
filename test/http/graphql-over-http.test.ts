import { serverAudits } from 'graphql-http';
import { createTestApp, type TestApp } from '../support/app.js';
import { startHttp, type TestHttp } from './support.js';

const asJson = 'application/json';
const asGraphQL = 'application/graphql-response+json';

describe('GraphQL over HTTP', () => {
  let http: TestHttp;
  beforeAll(async () => {
    http = await startHttp();
  });
  afterAll(() => http.close());

  test.each([
    [undefined, 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    [asGraphQL, 'application/graphql-response+json; charset=utf-8'],
    [`${asGraphQL}, ${asJson};q=0.9`, 'application/graphql-response+json; charset=utf-8'],
    [`${asJson};q=0.1, ${asGraphQL}; q=0.9`, 'application/graphql-response+json; charset=utf-8'],
    [`${asJson}, ${asGraphQL}`, 'application/json; charset=utf-8'],
    [`${asGraphQL};q=0, */*`, 'application/json; charset=utf-8'],
    ['text/html, application/*;q=0.5', 'application/json; charset=utf-8'],
  ])('answers Accept %s with %s', async (accept, expected) => {
    const answer = await http.post({ query: '{ hello }' }, accept === undefined ? {} : { accept });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe(expected);
    expect(answer.json()).toEqual({ data: { hello: 'Hello, world!' } });
  });

  test('refuses an Accept header that admits no JSON before anything runs', async () => {
    const answer = await http.post({ query: 'mutation { setCookie }' }, { accept: 'image/png' });
    expect(answer.statusCode).toBe(406);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.json().errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  const manyTokens = `{ ${'hello '.repeat(20_000)} }`;
  const deep = `{ thing(input: ${'['.repeat(7_000)}${']'.repeat(7_000)}) }`;
  const deepVariable = `query ($a: ${'['.repeat(7_000)}Int${']'.repeat(7_000)}) { hello(name: $a) }`;
  const deepSelection = `{ ${'... { '.repeat(1_500)} hello ${'} '.repeat(1_500)} }`;
  test.each([
    ['a syntax error', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['an endless document', { query: manyTokens }, 'QUERY_TOO_COMPLEX'],
    ['a bottomless document', { query: deep }, 'GRAPHQL_PARSE_FAILED'],
    ['a variable of lists in lists without end', { query: deepVariable }, 'GRAPHQL_VALIDATION_FAILED'],
    ['selections in selections without end', { query: deepSelection }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown field', { query: '{ nobody }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      { query: 'query($i: Thing) { thing(input: $i) }', variables: { i: 5 } },
      'BAD_USER_INPUT',
    ],
    ['an unknown operation name', { query: 'query A { hello }', operationName: 'B' }, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'no operation name among several',
      { query: 'query A { hello } query B { hello }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a subscription', { query: 'subscription { ticks }' }, 'OPERATION_RESOLUTION_FAILURE'],
  ])('answers %s by media type: 200 or 400', async (_title, payload, code) => {
    const json = await http.post(payload, { accept: asJson });
    const graphql = await http.post(payload, { accept: asGraphQL });
    expect([json.statusCode, graphql.statusCode]).toEqual([200, 400]);
    for (const answer of [json, graphql]) {
      expect(answer.json().errors[0].extensions.code).toBe(code);
      expect(answer.json()).not.toHaveProperty('data');
    }
  });

  test.each([
    ['malformed JSON', '{"query": ', 400],
    ['an empty body', '', 400],
    ['JSON that is no object', '"{ hello }"', 400],
    ['a batch', '[{"query":"{ hello }"}]', 400],
    ['an empty batch', '[]', 400],
    ['no query', '{"operationName":"A"}', 400],
    ['a query that is no string', '{"query":5}', 400],
    ['variables that are no object', '{"query":"{ hello }","variables":[1]}', 400],
    ['a poisoned prototype', '{"query":"{ hello }","variables":{"__proto__":{}}}', 400],
  ])('refuses %s under either media type', async (_title, body, status) => {
    for (const accept of [asJson, asGraphQL]) {
      const answer = await http.post(body, { accept });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['content-type']).toBe(`${accept}; charset=utf-8`);
      expect(answer.json().errors).toEqual([{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }]);
    }
  });

  test('admits a body of 1 MiB and refuses a byte more with 413', async () => {
    const frame = JSON.stringify({ query: '{ hello }', variables: { filler: '' } });
    const filled = (size: number) => frame.replace('""', `"${'x'.repeat(size - frame.length)}"`);
    expect((await http.post(filled(1_048_576))).json()).toEqual({ data: { hello: 'Hello, world!' } });
    const answer = await http.post(filled(1_048_577));
    expect(answer.statusCode).toBe(413);
    expect(answer.json().errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  test.each([
    ['text/plain', 400],
    ['application/x-www-form-urlencoded', 400],
    ['multipart/form-data; boundary=x', 400],
    ['application/xml', 415],
  ])('refuses a body of type %s with %i', async (type, status) => {
    const answer = await http.post('{"query":"{ hello }"}', { 'content-type': type });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  test('answers a persisted query as Apollo Server has it', async () => {
    const answer = await http.post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } });
    expect(answer.json().errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('answers a query by GET only with the header that proves a preflight', async () => {
    const url = `/graphql?query=${encodeURIComponent('query($n: String!) { hello(name: $n) }')}&variables=${encodeURIComponent('{"n":"you"}')}`;
    const blocked = await http.app.inject({ url });
    expect(blocked.statusCode).toBe(400);
    expect(blocked.json().errors[0].message).toContain('CSRF');
    const answer = await http.app.inject({ url, headers: { 'apollo-require-preflight': '1' } });
    expect(answer.json()).toEqual({ data: { hello: 'Hello, you!' } });
  });

  test('refuses a mutation by GET with 405 and does not run it', async () => {
    const answer = await http.app.inject({
      url: `/graphql?query=${encodeURIComponent('mutation { setCookie }')}`,
      headers: { 'x-apollo-operation-name': 'x' },
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test.each(['HEAD', 'PUT', 'PATCH', 'DELETE'] as const)('refuses %s with 405', async (method) => {
    const answer = await http.app.inject({ method, url: '/graphql' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('GET, POST');
  });

  test('knows nothing of TRACE, which would show a page what its request carried', async () => {
    const { statusCode, body } = await http.app.inject({
      method: 'TRACE',
      url: '/graphql',
      headers: { authorization: 'Bearer hidden' },
    });
    expect(statusCode).toBe(404);
    expect(body).not.toContain('hidden');
  });

  test('bounds what it says of a huge input with many faults', async () => {
    const filler = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`unknown${index}`, 'x'.repeat(50)]));
    const answer = await http.post({ query: 'query($i: Thing) { thing(input: $i) }', variables: { i: filler } });
    expect(answer.json().errors.length).toBeLessThanOrEqual(11);
    expect(answer.body.length).toBeLessThan(20_000);
    for (const error of answer.json().errors) expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('calls a null for a required argument bad input', async () => {
    const answer = await http.post({ query: 'query($n: String = "a") { hello(name: $n) }', variables: { n: null } });
    expect(answer.json().errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });
});

describe('the audits of graphql-http', () => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp('pglite');
  });
  afterAll(() => instance.stop());

  /** What a page of another origin cannot add without a preflight: Postern answers no GET without it (CSRF), and the audits know nothing of that. */
  const fetchFn: typeof fetch = (input, init) => {
    if (init?.method === 'POST') return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set('apollo-require-preflight', '1');
    return fetch(input, { ...init, headers });
  };

  // All of them, also what a server MAY do.
  const audits = serverAudits({ url: () => `${instance.app.url}/graphql`, fetchFn });

  test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s: %s', async (_id, _name, audit) => {
    const result = await audit();
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });
});
