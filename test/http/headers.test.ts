import { startHttp } from './support.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the headers of every answer', () => {
  test.each([
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/nowhere'],
    ['GET', '/'],
    ['GET', '/graphql'],
    ['DELETE', '/graphql'],
    ['POST', '/graphql'],
    ['OPTIONS', '/graphql'],
  ] as const)('%s %s', async (method, url) => {
    const http = await startHttp({ environment: 'production' });
    const { headers } = await http.app.inject({ method, url });
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(uuid),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    await http.close();
  });

  test('a request id from outside is kept behind a trusted proxy, where it is a plain one', async () => {
    const http = await startHttp({ http: { trustProxy: 1 } });
    const idFor = async (id: string) =>
      (await http.app.inject({ url: '/healthz', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await idFor('edge-1.2_3')).toBe('edge-1.2_3');
    for (const bad of ['', 'a b', 'x'.repeat(65), '<script>']) expect(await idFor(bad)).toMatch(uuid);
    await http.close();
  });

  test('a request id from outside is ignored without a trusted proxy', async () => {
    const http = await startHttp();
    const { headers } = await http.app.inject({ url: '/healthz', headers: { 'x-request-id': 'mine' } });
    expect(headers['x-request-id']).toMatch(uuid);
    await http.close();
  });
});

describe('CORS', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS' as const,
    url: '/graphql',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

  test('a configured origin may send credentials and read the request id', async () => {
    const http = await startHttp();
    const allowed = await http.app.inject(preflight('https://app.example'));
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '86400',
    });
    const answer = await http.post({ query: '{ hello }' }, { origin: 'https://app.example' });
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['access-control-expose-headers']).toContain('x-request-id');
    expect(answer.headers['vary']).toContain('Origin');
    await http.close();
  });

  test('errors of the transport can be read by a configured origin too', async () => {
    const http = await startHttp();
    const answer = await http.post('{', { origin: 'https://app.example' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    await http.close();
  });

  test.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'the origin %s is not admitted',
    async (origin) => {
      const http = await startHttp();
      expect((await http.app.inject(preflight(origin))).headers).not.toHaveProperty('access-control-allow-origin');
      const answer = await http.post({ query: '{ hello }' }, { origin });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      await http.close();
    },
  );
});
