import { startHttp } from './support.js';

describe('health and readiness', () => {
  test.each(['GET', 'HEAD'] as const)('%s /healthz answers while the process lives', async (method) => {
    const http = await startHttp({ readiness: async () => false });
    expect((await http.app.inject({ method, url: '/healthz' })).statusCode).toBe(200);
    await http.close();
  });

  test.each([
    ['ready', async () => true, 200, { status: 'ready' }],
    ['not ready', async () => false, 503, { status: 'unavailable' }],
    ['failing', () => Promise.reject(new Error('away')), 503, { status: 'unavailable' }],
    ['hanging', () => new Promise<boolean>(() => undefined), 503, { status: 'unavailable' }],
  ])('/readyz of a %s server', async (_title, readiness, status, body) => {
    const http = await startHttp({ readiness, timeouts: { readiness: 50 } });
    const answer = await http.app.inject({ url: '/readyz' });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual(body);
    expect((await http.app.inject({ method: 'HEAD', url: '/readyz' })).statusCode).toBe(status);
    await http.close();
  });
});

describe('/.well-known/jwks.json', () => {
  test('lists the keys for public caches, with an entity tag that changes with them', async () => {
    let keys: object[] = [];
    const http = await startHttp({ jwks: () => ({ keys }) });
    const url = '/.well-known/jwks.json';
    const first = await http.app.inject({ url });
    expect(first.json()).toEqual({ keys: [] });
    expect(first.headers['cache-control']).toBe('public, max-age=300');

    const headers = { 'if-none-match': `"other", W/${first.headers.etag}` };
    const unchanged = await http.app.inject({ url, headers });
    expect([unchanged.statusCode, unchanged.body]).toEqual([304, '']);

    keys = [{ kid: 'a' }];
    const changed = await http.app.inject({ url, headers });
    expect(changed.json()).toEqual({ keys });
    expect(changed.headers.etag).not.toBe(first.headers.etag);
    await http.close();
  });
});
