import { glob } from 'node:fs/promises';
import { createServer } from 'node:net';
import { argon2Parameters } from '../../src/modules/users/password-hasher.js';
import { authenticator, completingSignIn, env as passkeyEnv, startingSignIn } from '../auth/passkeys/support.js';
import { challengeOf, mailedCode, tryCode, wrong } from '../auth/second-factors/support.js';
import { attempt } from '../auth/support.js';
import { anchorsOf, proseOf } from '../docs/anchors.js';
import { readProjectFile } from '../docs/readme.js';
import { createTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
import { ordinaryDatabaseKinds, withPostgres } from '../support/databases.js';
import { growth, metricsToken, namesOf, scrape, seriesOf } from './scrape.js';

const minute = 60_000;
const running: TestApp[] = [];

async function appOf(env: Record<string, string>, options: TestAppOptions = {}): Promise<TestApp> {
  const instance = await createTestApp('pglite', { ...options, env });
  running.push(instance);
  return instance;
}

afterEach(async () => {
  for (const instance of running.splice(0)) await instance.stop();
});

describe('whoever asks for /metrics', () => {
  test('finds nothing where no token is set', async () => {
    const { app } = await appOf({});
    const answer = await app.http.inject({ url: '/metrics', headers: { authorization: `Bearer ${metricsToken}` } });
    expect(answer.statusCode).toBe(404);
  });

  test('needs the token, and nothing else will do', async () => {
    const { app } = await appOf({ METRICS_TOKEN: metricsToken });
    const ask = (authorization?: string) =>
      app.http.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } });
    const answer = await ask(`Bearer ${metricsToken}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    for (const [given, challenge] of [
      [undefined, 'Bearer'],
      ['', 'Bearer'],
      [metricsToken, 'Bearer'],
      [`Basic ${metricsToken}`, 'Bearer'],
      [`Bearer ${metricsToken}x`, 'Bearer error="invalid_token"'],
      [`Bearer ${metricsToken.slice(1)}`, 'Bearer error="invalid_token"'],
      [`Bearer ${metricsToken.toUpperCase()}`, 'Bearer error="invalid_token"'],
    ]) {
      const refusal = await ask(given);
      expect([given, refusal.statusCode, refusal.headers['www-authenticate']]).toEqual([given, 401, challenge]);
      expect(refusal.body).not.toContain('postern_');
      expect(refusal.json().errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
  });

  test('on a port of its own needs none, and finds nothing on the other one', async () => {
    const port = await freePort();
    const { app } = await appOf({ METRICS_PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const answer = await fetch(`${url}/metrics?name=x`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(seriesOf(await answer.text()).get('postern_database_up')).toBe(1);
    expect((await fetch(`${url}/graphql`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
    expect((await app.http.inject({ url: '/metrics' })).statusCode).toBe(404);
    await running.pop()?.stop();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });

  test('learns of this app only, however many there are in the process', async () => {
    const [one, two] = [await appOf({ METRICS_TOKEN: metricsToken }), await appOf({ METRICS_TOKEN: metricsToken })];
    await attempt(one.client(), 'nobody', 'a wrong guess');
    const name = 'postern_sign_ins_total{method="password",result="wrong"}';
    expect([(await scrape(one)).get(name), (await scrape(two)).get(name)]).toEqual([1, 0]);
  });
});

describe.each(ordinaryDatabaseKinds)('what is counted, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;

  beforeAll(async () => {
    const env = { ...passkeyEnv, METRICS_TOKEN: metricsToken, SIGN_IN_LIMIT_PAIR: '2/5m', TRUST_PROXY: '1' };
    instance = await createTestApp(kind, { env });
    client = instance.client();
    await client.register('alice');
  });
  afterAll(() => instance.stop());

  test('sign-ins by password', async () => {
    const grown = await growth(instance, /sign_ins|throttled/, async () => {
      await client.signIn('alice');
      for (const _ of [1, 2, 3, 4]) await attempt(client, 'alice', 'a wrong guess');
      await attempt(client, 'x'.repeat(255), 'longer than any name');
    });
    expect(grown).toEqual({
      'postern_sign_ins_total{method="password",result="ok"}': 1,
      'postern_sign_ins_total{method="password",result="wrong"}': 2,
      'postern_sign_ins_total{method="password",result="throttled"}': 2,
      'postern_throttled_total{limit="sign_in"}': 2,
    });
  });

  test('sign-ins by passkey', async () => {
    const grown = await growth(instance, /sign_ins/, async () => {
      const unknown = authenticator();
      unknown.create({ challenge: 'A', user: { id: Buffer.alloc(16).toString('base64url') } });
      const challenge = await startingSignIn(client);
      await completingSignIn(client, challenge, unknown.get(challenge.options));
    });
    expect(grown).toEqual({ 'postern_sign_ins_total{method="passkey",result="wrong"}': 1 });
  });

  test('refreshes', async () => {
    const { refreshToken } = await instance.client('192.0.2.7').signIn('alice');
    const grown = await growth(instance, /refreshes|revocations/, async () => {
      await client.refresh(refreshToken);
      await client.refresh(refreshToken);
      instance.clock.advance(minute);
      await client.refresh(refreshToken);
      await client.refresh('no token');
    });
    expect(grown).toEqual({
      'postern_refreshes_total{result="ok"}': 1,
      'postern_refreshes_total{result="repeated"}': 1,
      'postern_refreshes_total{result="reused"}': 1,
      'postern_refreshes_total{result="refused"}': 1,
      'postern_revocations_total{cause="TOKEN_REUSED"}': 1,
    });
  });

  test('revocations, each once, and not where nothing was left to end', async () => {
    const own = instance.client('192.0.2.8');
    await own.signIn('alice');
    const again = instance.client('192.0.2.8');
    again.token = own.token;
    const grown = await growth(instance, /revocations/, async () => {
      await own.data('mutation { logout { sessionsEnded } }');
      await again.query('mutation { logout { sessionsEnded } }');
    });
    expect(grown).toEqual({ 'postern_revocations_total{cause="LOGGED_OUT"}': 1 });
  });

  test('operations by what they are and how they ended, with their cost', async () => {
    const grown = await growth(instance, /operations|cost_(sum|count)/, async () => {
      await client.query('{ __typename }');
      await client.query('{ posts(first: 10) { nodes { id } } }');
      await instance.client().query('mutation { deletePost(id: "1") { id } }');
      await client.query('{ nothing }');
      await client.query('{');
      await client.query('{ posts(first: 100) { nodes { author { posts(first: 100) { nodes { id } } } } } }');
    });
    expect(grown).toEqual({
      'postern_graphql_operations_total{type="query",code="OK"}': 2,
      'postern_graphql_operations_total{type="mutation",code="UNAUTHENTICATED"}': 1,
      'postern_graphql_operations_total{type="unknown",code="GRAPHQL_VALIDATION_FAILED"}': 1,
      'postern_graphql_operations_total{type="unknown",code="GRAPHQL_PARSE_FAILED"}': 1,
      'postern_graphql_operations_total{type="query",code="QUERY_TOO_COMPLEX"}': 1,
      postern_graphql_query_cost_count: 4,
      postern_graphql_query_cost_sum: expect.any(Number),
    });
  });

  test('requests, but for those that watch over the server', async () => {
    const grown = await growth(instance, /requests|duration_seconds_count/, async () => {
      await client.query('{ __typename }');
      for (const url of ['/healthz', '/readyz', '/metrics', '/nowhere']) await instance.app.http.inject({ url });
    });
    expect(grown).toEqual({
      'postern_http_requests_total{status="2xx"}': 1,
      'postern_http_requests_total{status="4xx"}': 1,
      postern_http_request_duration_seconds_count: 2,
    });
  });

  test('nothing by a word that clients choose: the series are the same after all sorts of odd ones', async () => {
    const before = await scrape(instance);
    const odd = 'Odd7f3';
    for (const query of [`query ${odd} { me { id } }`, `{ ${odd}: posts { ${odd}: totalCount } }`, `{ ${odd} }`, odd]) {
      await client.query(query);
    }
    await client.query('query ($x: String) { posts(filter: { search: $x }) { totalCount } }', { [odd]: odd, x: odd });
    await attempt(client, odd, odd);
    await client.register(odd);
    await instance.client('192.0.2.9').signIn(odd);
    await client.refresh(odd);
    await client.query('mutation ($token: String!) { revokeToken(token: $token) }', { token: odd });
    for (const url of [`/${odd}`, `/metrics/${odd}`, `/metrics?name=${odd}`, `/graphql?query={${odd}}`]) {
      await instance.app.http.inject({ url, headers: { 'x-request-id': odd, 'user-agent': odd, host: odd } });
    }
    const after = await scrape(instance);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect([...after.keys()].filter((name) => name.includes(odd))).toEqual([]);
    expect(after.size).toBeLessThan(200);
  });
});

test('sign-ins that want a second factor are counted in both of their halves', async () => {
  const instance = await appOf({ METRICS_TOKEN: metricsToken, REQUIRE_SECOND_FACTOR: 'all' });
  const client = instance.client();
  await client.register('alice');
  const grown = await growth(instance, /sign_ins/, async () => {
    const challenge = await challengeOf(client, 'alice');
    const code = await mailedCode(instance, 'alice');
    await tryCode(client, challenge, 'EMAIL', wrong(code));
    await tryCode(client, challenge, 'EMAIL', code);
    await tryCode(client, challenge, 'EMAIL', code);
  });
  expect(grown).toEqual({
    'postern_sign_ins_total{method="password",result="second_factor_asked"}': 1,
    'postern_sign_ins_total{method="second_factor",result="wrong"}': 1,
    'postern_sign_ins_total{method="second_factor",result="ok"}': 1,
    'postern_sign_ins_total{method="second_factor",result="refused"}': 1,
  });
});

test('passwords that find no room to be hashed are counted', async () => {
  const env = { METRICS_TOKEN: metricsToken, PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '0' };
  const instance = await appOf(env, { argon2: argon2Parameters });
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const answers = await Promise.all(names.map((name) => attempt(instance.client(), name, 'some password')));
  const refused = answers.filter(({ status }) => status === 503).length;
  const series = await scrape(instance);
  expect(refused).toBeGreaterThan(0);
  expect(series.get('postern_password_hashes_refused_total{queue="sign_in"}')).toBe(refused);
  expect(series.get('postern_password_hashes_refused_total{queue="registration"}')).toBe(0);
  expect(series.get('postern_password_hashes{queue="sign_in",state="running"}')).toBe(0);
});

test('what is looked at is as it is, on the embedded database', async () => {
  const instance = await appOf({ METRICS_TOKEN: metricsToken });
  await instance.client().register('alice');
  const series = await scrape(instance);
  expect(Object.fromEntries(series)).toMatchObject({
    postern_database_up: 1,
    'postern_outbox_items{state="waiting"}': 1,
    'postern_outbox_items{state="failed"}': 0,
    postern_revocation_channel_current: 1,
    postern_revocation_channel_deaf_seconds: 0,
    postern_signing_keys: 1,
    postern_signing_key_ready: 1,
  });
  expect([...series.keys()].filter((name) => name.startsWith('postern_database_connections'))).toEqual([]);
  expect(series.get('postern_event_loop_lag_seconds{measure="longest"}')).toBeLessThan(60);
  expect(series.get('postern_process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(series.get('postern_process_cpu_seconds_total')).toBeGreaterThan(0);
});

describe('a PostgreSQL that has troubles', () => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp('postgres', { env: { METRICS_TOKEN: metricsToken } });
    await instance.client().register('alice');
  });
  afterAll(() => instance.stop());

  const url = () => instance.database.url ?? '';

  async function until(reached: (series: ReadonlyMap<string, number>) => boolean): Promise<void> {
    const deadline = performance.now() + 15_000;
    while (!reached(await scrape(instance))) {
      if (performance.now() > deadline) throw new Error('What was waited for has not come within 15 s.');
    }
  }

  test('shows its pool', async () => {
    const series = await scrape(instance);
    expect(series.get('postern_database_connections{state="open"}')).toBeGreaterThan(0);
    expect(series.get('postern_database_connections{state="waiting"}')).toBe(0);
  });

  test('and hangs keeps no scrape waiting for long, and is asked no second time meanwhile', async () => {
    await withPostgres(async (client) => {
      await client.query('begin; lock table outbox in access exclusive mode');
      instance.takeStatements();
      const start = performance.now();
      for (const _ of [1, 2]) {
        const series = await scrape(instance);
        expect(series.get('postern_database_up')).toBe(0);
        expect([...series.keys()].filter((name) => name.startsWith('postern_outbox'))).toEqual([]);
      }
      expect(performance.now() - start).toBeLessThan(5_000);
      expect(instance.takeStatements().filter((statement) => statement.includes('from outbox'))).toHaveLength(1);
      await client.query('rollback');
    }, url());
    await until((series) => series.get('postern_database_up') === 1);
  });

  test('and is away is shown to be, with the channel of revocations, until both are back', async () => {
    const name = new URL(url()).pathname.slice(1);
    await withPostgres(async (client) => {
      await client.query(`alter database ${name} with allow_connections false`);
      await client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
      await until((series) => (series.get('postern_revocation_channel_deaf_seconds') ?? 0) > 0.2);
      const away = await scrape(instance);
      expect(away.get('postern_database_up')).toBe(0);
      expect(away.get('postern_revocation_channel_current')).toBe(0);
      expect([...away.keys()].filter((key) => key.startsWith('postern_outbox'))).toEqual([]);
      await client.query(`alter database ${name} with allow_connections true`);
    });
    await until((series) => series.get('postern_revocation_channel_current') === 1);
    const back = await scrape(instance);
    expect(back.get('postern_database_up')).toBe(1);
    expect(back.get('postern_revocation_channel_deaf_seconds')).toBe(0);
  });

  test('and takes no writes is read from all the same', async () => {
    const client = instance.client();
    await client.signIn('alice');
    const name = new URL(url()).pathname.slice(1);
    const change = async (statement: string) => {
      await withPostgres((postgres) => postgres.query(statement));
      const others = `select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = '${name}' and application_name = 'postern'`;
      await withPostgres((postgres) => postgres.query(others));
    };
    await change(`alter database ${name} set default_transaction_read_only to on`);
    const signIn = await attempt(client, 'alice', passwordOf('alice'));
    expect(signIn.errors.map(({ extensions }) => extensions.code)).toEqual(['SERVICE_UNAVAILABLE']);
    expect(await client.data('{ me { username } posts { totalCount } }')).toEqual({
      me: { username: 'alice' },
      posts: { totalCount: 0 },
    });
    expect((await scrape(instance)).get('postern_database_up')).toBe(1);
    expect((await instance.app.http.inject({ url: '/readyz' })).statusCode).toBe(200);
    await change(`alter database ${name} reset default_transaction_read_only`);
    await client.signIn('alice');
  });
});

describe('docs/operations.md, the alerts and the dashboard', () => {
  const files = ['docs/operations.md', 'deploy/prometheus/alerts.yml', 'deploy/grafana/postern.json'];

  /** The metrics that a text names, those of histograms by their own names. */
  function namedIn(text: string): string[] {
    const names = text.match(/\bpostern_[a-z_]+/g) ?? [];
    return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
  }

  async function served(): Promise<string[]> {
    const { app } = await appOf({ METRICS_TOKEN: metricsToken });
    const headers = { authorization: `Bearer ${metricsToken}` };
    return namesOf((await app.http.inject({ url: '/metrics', headers })).body);
  }

  test('name no metric that is not served', async () => {
    const names = await served();
    for (const file of files) {
      const named = namedIn(await readProjectFile(file));
      expect(named.length).toBeGreaterThan(10);
      expect([file, named.filter((name) => !names.includes(name))]).toEqual([file, []]);
    }
  });

  test('say of every metric that is served what it means', async () => {
    const names = await served();
    const rows = (await proseOf('docs/operations.md')).match(/^\| `postern_[a-z_]+` \|/gm) ?? [];
    expect(rows.map((row) => row.split('`')[1]).sort()).toEqual(names.sort());
  });

  test('lead from each alert to a heading', async () => {
    const alerts = await readProjectFile('deploy/prometheus/alerts.yml');
    const runbooks = Array.from(
      alerts.matchAll(/^ +runbook: docs\/operations\.md#(\S+)$/gm),
      ([, anchor = '']) => anchor,
    );
    const anchors = anchorsOf(await proseOf('docs/operations.md'));
    expect(runbooks).toHaveLength(alerts.match(/^ +- alert: /gm)?.length ?? 0);
    expect(runbooks.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  test('name tests that there are', async () => {
    const page = await readProjectFile('docs/operations.md');
    const named = page.match(/\btest\/[\w/-]+\.test\.ts/g) ?? [];
    const sources = new Map(
      await Promise.all([...new Set(named)].map(async (file) => [file, await readProjectFile(file)] as const)),
    );
    for (const [row] of page.matchAll(/^\| tests \|.*$/gm)) {
      const sourcesOfRow = [...sources].filter(([file]) => row.includes(file)).map(([, source]) => source);
      for (const [, title = ''] of row.matchAll(/`([^`]+)`/g)) {
        expect([title, sourcesOfRow.some((source) => source.includes(title)) || title === 'kill -9']).toEqual([
          title,
          true,
        ]);
      }
    }
  });
});

test('nothing loads prom-client but what is loaded when somebody wants metrics', async () => {
  const loaders: string[] = [];
  for await (const file of glob('src/**/*.ts')) {
    const source = await readProjectFile(file);
    const types = /^import type .* from 'prom-client'|typeof import\('prom-client'\)/gm;
    if (source.replaceAll(types, '').includes("'prom-client'")) loaders.push(file);
  }
  expect(loaders).toEqual(['src/metrics/exporter.ts']);
  expect(await readProjectFile('src/metrics/exporter.ts')).toContain("await import('prom-client')");
});

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.');
  return address.port;
}
