import { sql } from 'kysely';
import { createApp } from '../../src/app.js';
import { createLogger } from '../../src/common/logger.js';
import { loadConfig } from '../../src/config.js';
import type { IncomingRequest } from '../../src/http/options.js';
import { TestClient } from '../support/client.js';
import { createDataDir, createTestDatabase } from '../support/databases.js';
import { startHttp } from './support.js';

describe('the limit on time', () => {
  test('is known to the context from the moment that 503 is the answer', async () => {
    const requests: IncomingRequest[] = [];
    const finish = Promise.withResolvers<void>();
    const http = await startHttp({
      timeouts: { request: 50, headers: 50 },
      slow: () => finish.promise,
      onRequest: (request) => requests.push(request),
    });
    const answer = await http.post({ query: '{ hello }' });
    expect(answer.statusCode).toBe(200);
    expect((await http.post({ query: '{ slow }' })).statusCode).toBe(503);
    expect(requests.map((request) => request.expired())).toEqual([false, true]);
    finish.resolve();
    await http.close();
  });

  // PGlite works on this thread without a turn of the event loop between two statements, so that no timer gets its turn.
  test('stops what an answered operation has yet to begin', async () => {
    const database = await createTestDatabase('postgres');
    const dataDir = await createDataDir();
    const config = loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir.path,
      LOG_LEVEL: 'silent',
      QUERY_TOKEN_LIMIT: '15000',
      QUERY_ROOT_FIELD_LIMIT: '1000',
      QUERY_ALIAS_LIMIT: '1000',
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    });
    const logger = await createLogger(config);
    const app = await createApp(config, {
      logger,
      database: database.overrides,
      timeouts: { request: 300, headers: 300 },
    });
    await app.start();
    const author = { username: 'alice', email: 'alice@example.com', password: 'correct horse of alice' };
    await app.services.users.register(app.database.fork(), author);
    const countOfBatch = async () => {
      const rows = await sql<{ count: number }>`select count(*)::int as count from posts`.execute(
        app.database.fork().getKysely(),
      );
      return rows.rows[0]?.count ?? 0;
    };
    const client = new TestClient(app);
    await client.signIn('alice');
    const batch = Array.from({ length: 800 }, (_, n) => `a${n}: createPost(input: { title: "t", body: "b" }) { id }`);
    const answer = await client.query(`mutation { ${batch.join(' ')} }`);
    expect(answer.status).toBe(503);
    const done = await countOfBatch();
    expect(done).toBeLessThan(700);
    // Statements take turns, so that each of these lets one of the batch go first, if any is left.
    for (let turn = 0; turn < 20; turn++) await countOfBatch();
    expect((await countOfBatch()) - done).toBeLessThanOrEqual(1);

    await app.stop();
    await dataDir.remove();
    await database.drop();
  });
});
