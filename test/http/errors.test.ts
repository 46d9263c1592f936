import { serviceUnavailable } from '../../src/common/errors.js';
import { startHttp, type TestHttp } from './support.js';

describe('the form of errors', () => {
  let http: TestHttp;
  beforeEach(async () => {
    http = await startHttp();
  });
  afterEach(() => http.close());

  test.each([
    ['forbidden', { code: 'FORBIDDEN' }],
    ['notAuthorised', { code: 'FORBIDDEN' }],
    ['databaseAway', { code: 'SERVICE_UNAVAILABLE', retryAfter: 2 }],
    ['coded', { code: 'QUERY_TOO_COMPLEX' }],
  ])('%s keeps its code, path and place', async (field, extensions) => {
    const answer = await http.post({ query: `{ hello ${field} }` });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      errors: [{ message: expect.any(String), path: [field], locations: [{ line: 1, column: 9 }], extensions }],
      data: { hello: 'Hello, world!', [field]: null },
    });
    expect(answer.body).not.toMatch(/ECONNREFUSED|Not Authorised/);
  });

  test.each(['broken', 'disguised', 'required'])(
    '%s is masked, and the log has the rest under the request id',
    async (field) => {
      const answer = await http.post({ query: `{ ${field} }` });
      const requestId = answer.headers['x-request-id'];
      expect(answer.json().errors).toEqual([
        {
          message: 'Internal server error',
          path: [field],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
        },
      ]);
      expect(answer.body).not.toMatch(/secret|stack/);
      const logged = http.lines.find((line) => line['msg'] === 'unforeseen error');
      expect(logged).toMatchObject({ requestId, path: field, err: { stack: expect.stringContaining('at ') } });
    },
  );

  test('an error that sheds load makes the whole answer a 503 with Retry-After', async () => {
    const answer = await http.post({ query: '{ shed }' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('3');
    expect(answer.json().errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 3 });
  });

  test('an unknown address is 404 in GraphQL form', async () => {
    const answer = await http.app.inject({ url: '/nowhere?token=secret' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'NOT_FOUND' } }] });
    expect(answer.body).not.toContain('secret');
  });

  test('a malformed address is 400 in GraphQL form, with the headers of every answer', async () => {
    const production = await startHttp({ environment: 'production' });
    const answer = await production.app.inject({ url: '/%' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0].extensions.code).toBe('BAD_REQUEST');
    const usual = await production.app.inject({ url: '/healthz' });
    for (const name of ['x-content-type-options', 'content-security-policy', 'strict-transport-security']) {
      expect(answer.headers[name]).toEqual(expect.any(String));
      expect(answer.headers[name]).toBe(usual.headers[name]);
    }
    expect(answer.headers['x-request-id']).toEqual(expect.any(String));
    await production.close();
  });
});

describe('a context that cannot be made', () => {
  test('is masked and logged under the request id', async () => {
    const http = await startHttp({ createContext: () => Promise.reject(new Error('secret of the house')) });
    const answer = await http.post({ query: '{ hello }' });
    const requestId = answer.headers['x-request-id'];
    expect(answer.statusCode).toBe(500);
    expect(answer.json().errors).toEqual([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } },
    ]);
    expect(http.lines.find((line) => line['level'] === 50)).toMatchObject({
      requestId,
      err: { message: 'secret of the house' },
    });
    await http.close();
  });

  test('says for how long where the service is away', async () => {
    const http = await startHttp({ createContext: () => Promise.reject(serviceUnavailable(5_000)) });
    const answer = await http.post({ query: '{ hello }' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json().errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 5 });
    await http.close();
  });
});
