import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { migrate } from '../../src/database/migrate.js';
import { TestClient } from '../support/client.js';
import { type Cluster, startCluster } from '../support/cluster.js';
import { createDataDir, withPostgres } from '../support/databases.js';
import { type CompiledProgram, compileProgram, ServerProcess } from './server-process.js';
import { type HttpAnswer, post, request, signIn, signUp, type Tokens } from './writers.js';

const change = 'mutation ($id: ID!) { updatePost(id: $id, input: { title: "Changed" }) { title } }';
const create = 'mutation { createPost(input: { title: "A title", body: "A body" }) { id } }';
const posts = '{ posts { nodes { title } } }';

let cluster: Cluster;
let program: CompiledProgram;
let dataDir: Awaited<ReturnType<typeof createDataDir>>;

beforeAll(async () => {
  [cluster, program, dataDir] = await Promise.all([startCluster(), compileProgram(), createDataDir()]);
});
afterAll(async () => {
  await cluster.destroy();
  await program.remove();
  await dataDir.remove();
});

/** Settings for a database of the private cluster. */
function environment(database: string): Record<string, string> {
  return {
    JWT_SIGNING_KEY: 'a test key of thirty-two bytes, or more of them',
    DATABASE_URL: cluster.url(database),
    DATA_DIR: dataDir.path,
  };
}

/** An instance that has not been started, on a database of the private cluster. */
function createInstance(database: string, env: Record<string, string> = {}, log: string[] = []): Promise<App> {
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    ...environment(database),
    ...env,
  });
  return createApp(config, { logger: pino({ level: 'warn' }, { write: (line) => log.push(line) }) });
}

async function createDatabase(name: string): Promise<void> {
  await withPostgres((client) => client.query(`create database ${name}`), cluster.url());
}

async function statusOf(app: App, url: string): Promise<number> {
  return (await app.http.inject({ method: 'GET', url })).statusCode;
}

async function untilReady(app: App): Promise<void> {
  const deadline = performance.now() + 15_000;
  while ((await statusOf(app, '/readyz')) !== 200) {
    if (performance.now() > deadline) throw new Error('The server is not ready after 15 s.');
    await delay(50);
  }
}

const unavailable = { code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) };
const extensionsOf = ({ errors }: Pick<HttpAnswer<unknown>, 'errors'>) => errors.map(({ extensions }) => extensions);

const refresh = 'mutation ($token: String!) { refreshToken(refreshToken: $token) { user { username } } }';
const signInAsWriter = `mutation {
  obtainToken(input: { username: "writer", password: "correct horse of the writer" }) { __typename }
}`;
const register = `mutation {
  register(input: { username: "bob", email: "bob@example.com", password: "correct horse of bob" }) { id }
}`;

describe('a database that goes away and comes back', () => {
  let server: ServerProcess;
  let tokens: Tokens;

  beforeAll(async () => {
    await createDatabase('goes');
    server = await ServerProcess.start(program, environment('goes'));
    tokens = await signUp(server.url);
    await request(server.url, create, {}, tokens.accessToken);
    await cluster.stop();
  });
  afterAll(() => server.kill());

  test.each([
    ['a list', posts],
    ['a protected field', '{ me { username } }'],
    ['a write', create],
    ['a refresh', refresh],
    ['a sign-in', signInAsWriter],
    ['a registration', register],
  ])('while it is away, %s is answered with SERVICE_UNAVAILABLE and when to try again', async (_what, operation) => {
    const variables = operation === refresh ? { token: tokens.refreshToken } : {};
    expect(extensionsOf(await post(server.url, operation, variables, tokens.accessToken))).toEqual([unavailable]);
  });

  test('while it is away, the process is alive, and not ready within two seconds', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const start = performance.now();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('when it is back, everything works again without a restart of the server', async () => {
    await cluster.start();
    await server.ready();
    expect(await request(server.url, posts)).toEqual({ posts: { nodes: [{ title: 'A title' }] } });
    expect(await request(server.url, refresh, { token: tokens.refreshToken })).toEqual({
      refreshToken: { user: { username: 'writer' } },
    });
    const { accessToken } = await signIn(server.url);
    await request(server.url, create, {}, accessToken);
    await request(server.url, 'mutation { logout { sessionsEnded } }', {}, accessToken);
    expect(extensionsOf(await post(server.url, '{ me { id } }', {}, accessToken))).toEqual([
      { code: 'UNAUTHENTICATED', reason: 'REVOKED' },
    ]);
  });
});

describe('a start', () => {
  let app: App;

  test('waits for a database that is away, and serves when it appears', async () => {
    await createDatabase('appears');
    await cluster.stop();
    app = await createInstance('appears');
    const started = app.start();
    await expect(Promise.race([started.then(() => 'started'), delay(1_000, 'waiting')])).resolves.toBe('waiting');
    const answer = await new TestClient(app).query(posts);
    expect(answer.status).toBe(503);
    expect(extensionsOf(answer)).toEqual([unavailable]);
    expect(await statusOf(app, '/healthz')).toBe(200);
    expect(await statusOf(app, '/readyz')).toBe(503);
    await cluster.start();
    await started;
    expect(await statusOf(app, '/readyz')).toBe(200);
    expect(await new TestClient(app).data(posts)).toEqual({ posts: { nodes: [] } });
    await app.stop();
  });

  test('that is given up before the database appears ends at once', async () => {
    await cluster.stop();
    app = await createInstance('appears');
    const started = app.start();
    await delay(300);
    await app.stop();
    await started;
    await cluster.start();
  });

  test('on a database that takes no writes says so, pauses, and serves when it takes them', async () => {
    await createDatabase('standby');
    await withPostgres(
      (client) => client.query('alter database standby set default_transaction_read_only to on'),
      cluster.url(),
    );
    const lines: string[] = [];
    app = await createInstance('standby', {}, lines);
    const started = app.start();
    await delay(2_000);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(lines[0]).toMatch(/The database is away \(.*read-only transaction.*\); next try in 250 ms\./);
    expect(lines[1]).toContain('next try in 500 ms');
    await withPostgres(
      (client) => client.query('alter database standby reset default_transaction_read_only'),
      cluster.url(),
    );
    await started;
    expect(await statusOf(app, '/readyz')).toBe(200);
    await app.stop();
  });

  test('that is given up while another instance migrates ends, leaves no connection and migrates nothing', async () => {
    await createDatabase('given_up');
    app = await createInstance('given_up');
    const tables = await withPostgres(async (rival) => {
      await rival.query('select pg_advisory_lock(7097821134)');
      const started = app.start();
      await delay(500);
      await app.stop();
      await started;
      expect(await connectionsTo('given_up')).toBe(0);
      await rival.query('select pg_advisory_unlock(7097821134)');
      await delay(500);
      return rival.query("select 1 from pg_tables where schemaname = 'public'");
    }, cluster.url('given_up'));
    expect(tables.rowCount).toBe(0);
  });

  test('with MIGRATE_ON_START=false is not ready until somebody has migrated', async () => {
    await createDatabase('pending');
    app = await createInstance('pending', { MIGRATE_ON_START: 'false' });
    const started = app.start();
    await delay(500);
    expect(await statusOf(app, '/healthz')).toBe(200);
    expect(await statusOf(app, '/readyz')).toBe(503);
    await migrate(app.database);
    await started;
    await untilReady(app);
    const alice = new TestClient(app);
    await alice.register('alice');
    await alice.signIn('alice');
    await alice.data(create);
    await app.stop();
  });
});

describe('a stop', () => {
  let server: ServerProcess;
  afterEach(() => server.kill());

  test('lets a request in flight finish, and then closes the database', async () => {
    await createDatabase('stops');
    server = await ServerProcess.start(program, environment('stops'));
    const { accessToken } = await signUp(server.url);
    const { createPost } = await request<{ createPost: { id: string } }>(server.url, create, {}, accessToken);

    const answer = await withPostgres(async (locker) => {
      await locker.query('begin');
      await locker.query('select from posts for update');
      const inFlight = post(server.url, change, { id: createPost.id }, accessToken);
      await untilSomebodyWaits();
      const exitCode = server.terminate();
      await expect(Promise.race([exitCode.then(() => 'stopped'), delay(500, 'waiting')])).resolves.toBe('waiting');
      await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
      await locker.query('rollback');
      const { data } = await inFlight;
      expect(await exitCode).toBe(0);
      return data;
    }, cluster.url('stops'));

    expect(answer).toEqual({ updatePost: { title: 'Changed' } });
    expect(await connectionsTo('stops')).toBe(0);
  });
});

async function untilSomebodyWaits(): Promise<void> {
  const waiting = "select 1 from pg_stat_activity where datname = 'stops' and wait_event_type = 'Lock'";
  await withPostgres(async (client) => {
    while ((await client.query(waiting)).rowCount === 0) await delay(20);
  }, cluster.url());
}

/** Sessions of the server; those that have just ended may take a moment to disappear. */
async function connectionsTo(database: string): Promise<number> {
  await delay(200);
  const count = "select 1 from pg_stat_activity where datname = $1 and application_name like 'postern%'";
  return withPostgres(async (client) => (await client.query(count, [database])).rowCount ?? 0, cluster.url());
}
