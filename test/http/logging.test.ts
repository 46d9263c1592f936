import { createLogger } from '../../src/common/logger.js';
import { startHttp } from './support.js';

describe('the log of requests', () => {
  test('has one line a request, with its id and without query, variables or tokens', async () => {
    const http = await startHttp();
    const headers = { authorization: 'Bearer hidden', cookie: 'postern_refresh=hidden' };
    const answer = await http.post(
      { query: 'query($n: String!) { hello(name: $n) }', variables: { n: 'hidden' } },
      headers,
    );
    await http.app.inject({ url: '/nowhere?token=hidden' });
    expect(http.lines).toEqual([
      expect.objectContaining({
        level: 30,
        requestId: answer.headers['x-request-id'],
        method: 'POST',
        path: '/graphql',
        statusCode: 200,
        durationMs: expect.any(Number),
      }),
      expect.objectContaining({ method: 'GET', path: '/nowhere', statusCode: 404 }),
    ]);
    expect(JSON.stringify(http.lines)).not.toContain('hidden');
    await http.close();
  });

  test('mentions health checks only at debug', async () => {
    const http = await startHttp();
    await http.app.inject({ url: '/healthz' });
    await http.app.inject({ url: '/readyz' });
    expect(http.lines.map((line) => line['level'])).toEqual([20, 20]);
    await http.close();
  });
});

describe('a proxy that nobody told the server of', () => {
  const warnings = (lines: readonly Record<string, unknown>[]) => lines.filter((line) => line['level'] === 40);

  test.each([
    ['x-forwarded-for', '192.0.2.7'],
    ['forwarded', 'for=192.0.2.7'],
  ])('is told by %s: one warning, without the address', async (name, value) => {
    const http = await startHttp();
    await http.post({ query: '{ hello }' });
    expect(warnings(http.lines)).toEqual([]);
    for (let round = 0; round < 3; round += 1) await http.post({ query: '{ hello }' }, { [name]: value });
    expect(warnings(http.lines)).toEqual([
      expect.objectContaining({ header: name, msg: expect.stringContaining('TRUST_PROXY') }),
    ]);
    expect(JSON.stringify(http.lines)).not.toContain('192.0.2.7');
    await http.close();
  });

  test('is no surprise where TRUST_PROXY is set', async () => {
    const http = await startHttp({ http: { trustProxy: 1 } });
    await http.post({ query: '{ hello }' }, { 'x-forwarded-for': '192.0.2.7' });
    expect(warnings(http.lines)).toEqual([]);
    await http.close();
  });
});

describe('the logger', () => {
  const settings = { environment: 'production', logLevel: 'info', tokens: { authHeaderName: 'X-Access-Token' } };

  test('writes JSON in production, redacts secret headers and keeps what a driver adds to errors to itself', async () => {
    const written: string[] = [];
    const logger = await createLogger(settings, { write: (line) => written.push(line) });
    const headers = {
      authorization: 'secret',
      cookie: 'secret',
      'set-cookie': ['secret'],
      'x-access-token': 'secret',
      host: 'a',
    };
    const error = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'secret', query: 'secret' });
    logger.info({ headers, req: { headers }, res: { headers }, err: error }, 'hello\nthere');
    logger.debug('not at this level');
    expect(written).toHaveLength(1);
    expect(written[0]).not.toContain('secret');
    // What somebody else has written begins no line of its own.
    expect(written[0]?.trimEnd()).not.toContain('\n');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: 'hello\nthere',
      headers: { host: 'a' },
      err: { type: 'Error', message: 'duplicate key', code: '23505', stack: expect.any(String) },
    });
  });
});
