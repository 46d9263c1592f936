import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster } from '../support/cluster.js';
import { createDataDir } from '../support/databases.js';
import { type CompiledProgram, compileProgram, ServerProcess } from './server-process.js';
import { readPosts, signIn, signUp, startWriters } from './writers.js';

/** Each case is killed so many times, and its posts of every round are counted after the last. */
const rounds = 3;

/** Milliseconds of writing before the kill. */
const writingTime = 1_500;

describe('what was acknowledged survives a kill -9 while eight clients write', () => {
  let program: CompiledProgram;
  let cluster: Cluster;
  let dataDir: { path: string; remove(): Promise<void> };
  let server: ServerProcess;

  beforeAll(async () => {
    [program, cluster] = await Promise.all([compileProgram(), startCluster()]);
  });
  beforeEach(async () => {
    dataDir = await createDataDir({ migrated: true });
  });
  afterEach(async () => {
    await server.kill();
    await dataDir.remove();
  });
  afterAll(async () => {
    await cluster.destroy();
    await program.remove();
  });

  const start = async (database: Record<string, string>): Promise<void> => {
    server = await ServerProcess.start(program, {
      JWT_SIGNING_KEY: 'a test key of thirty-two bytes, or more of them',
      DATA_DIR: dataDir.path,
      LOG_LEVEL: 'warn',
      ...database,
    });
  };

  async function survive(kill: () => Promise<void>, restart: () => Promise<void>): Promise<void> {
    const all = new Map<string, string>();
    await signUp(server.url);
    for (let round = 1; round <= rounds; round++) {
      const { accessToken } = await signIn(server.url);
      const writers = startWriters(server.url, accessToken, `round ${round}`);
      await delay(writingTime);
      await kill();
      await writers.stopped;
      for (const [id, title] of writers.acknowledged) all.set(id, title);
      expect(writers.acknowledged.size).toBeGreaterThan(50);
      await restart();
      const found = await readPosts(server.url);
      expect([...all].filter(([id, title]) => found.get(id) !== title)).toEqual([]);
    }
  }

  test('of the server on the embedded database, whose lock does not stand in the way', async () => {
    await start({});
    await survive(
      () => server.kill(),
      () => start({}),
    );
  });

  test('of the server on PostgreSQL', async () => {
    const database = { DATABASE_URL: cluster.url() };
    await start(database);
    await survive(
      () => server.kill(),
      () => start(database),
    );
  });

  test('of PostgreSQL, without a restart of the server', async () => {
    await cluster.destroy();
    cluster = await startCluster();
    await start({ DATABASE_URL: cluster.url() });
    await survive(
      () => cluster.kill(),
      async () => {
        await cluster.start();
        await server.ready();
      },
    );
  });
});
