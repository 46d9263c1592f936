import { startHttp, type TestHttp } from './support.js';

describe('an event loop that is late', () => {
  let http: TestHttp;
  beforeEach(async () => {
    http = await startHttp({ http: { eventLoopDelayLimit: 20 } });
    await http.app.ready();
  });
  afterEach(() => http.close());

  /** Keeps the event loop from turning, as too much work would, until the server answers with that status. */
  async function loadUntil(status: number): Promise<Awaited<ReturnType<TestHttp['post']>>> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const end = performance.now() + 100;
      while (performance.now() < end);
      await new Promise((resolve) => setTimeout(resolve));
      const answer = await http.post({ query: '{ hello }' });
      if (answer.statusCode === status) return answer;
      if (performance.now() > deadline) throw new Error(`no answer with ${status}`);
    }
  }

  async function waitFor(status: number): Promise<void> {
    const deadline = performance.now() + 20_000;
    while ((await http.post({ query: '{ hello }' })).statusCode !== status) {
      if (performance.now() > deadline) throw new Error(`no answer with ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  test('gets no new operations: 503 with Retry-After, in GraphQL’s form, until it has caught up', async () => {
    const answer = await loadUntil(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json().errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: 2 });
    await waitFor(200);
  });

  test('is not what the health routes tell of', async () => {
    await loadUntil(503);
    expect((await http.app.inject('/healthz')).statusCode).toBe(200);
  });
});
