import { createTestApp, type TestApp } from '../support/app.js';

/** Costs 21. */
const list = '{ posts { totalCount } }';
const second = 1_000;

describe('what operations may cost together', () => {
  let instance: TestApp;
  beforeEach(async () => {
    instance = await createTestApp('pglite', { env: { COST_LIMIT_NETWORK: '60/10s', COST_LIMIT_USER: '42/10s' } });
  });
  afterEach(() => instance.stop());

  const codes = async (count: number, address: string): Promise<string[]> => {
    const found: string[] = [];
    for (let index = 0; index < count; index++) {
      const { errors } = await instance.client(address).query(list);
      found.push(errors[0]?.extensions.code ?? 'OK');
    }
    return found;
  };

  test('is bounded by address, before anything runs, until the time is over', async () => {
    expect(await codes(3, '192.0.2.1')).toEqual(['OK', 'OK', 'OK']);
    instance.takeStatements();
    instance.clock.advance(4 * second);
    const answer = await instance.client('192.0.2.1').query(list);
    expect(answer.errors[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 6 });
    expect(answer.status).toBe(200);
    expect(instance.takeStatements()).toEqual([]);
    instance.clock.advance(6 * second);
    expect(await codes(1, '192.0.2.1')).toEqual(['OK']);
  });

  test('does not touch another address, and takes the /64 of IPv6 for one', async () => {
    expect(await codes(4, '192.0.2.1')).toEqual(['OK', 'OK', 'OK', 'RATE_LIMITED']);
    expect(await codes(1, '192.0.2.2')).toEqual(['OK']);
    expect(await codes(3, '2001:db8::1')).toEqual(['OK', 'OK', 'OK']);
    expect(await codes(1, '2001:db8::2')).toEqual(['RATE_LIMITED']);
    expect(await codes(1, '2001:db8:0:1::2')).toEqual(['OK']);
  });

  test('is bounded by user, wherever they are', async () => {
    await instance.client('192.0.2.3').register('alice');
    const client = instance.client('192.0.2.4');
    await client.signIn('alice');
    const { token } = client;
    const found: string[] = [];
    for (let index = 0; index < 3; index++) {
      const other = instance.client(`198.51.100.${index}`);
      other.token = token;
      found.push((await other.query(list)).errors[0]?.extensions.code ?? 'OK');
    }
    expect(found).toEqual(['OK', 'OK', 'RATE_LIMITED']);
  });
});

test('by default 200 operations a second of one address are no matter', async () => {
  const instance = await createTestApp('pglite');
  const client = instance.client();
  const page =
    '{ posts { nodes { id title body createdAt author { id username } } pageInfo { endCursor hasNextPage } } }';
  const answer = await instance.app.http.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: page, extensions: { cost: true } },
  });
  const { cost } = answer.json().extensions.cost;
  const { cost: limit, window } = instance.config.graphql.costLimits.network;
  expect(limit / cost / (window / second)).toBeGreaterThan(400);
  await client.query(page);
  await instance.stop();
});
