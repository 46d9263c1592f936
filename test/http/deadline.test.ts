import { sql } from 'kysely';
import { createApp } from '../../src/app.js';
import { createLogger } from '../../src/common/logger.js';
import { loadConfig } from '../../src/config.js';
import type { IncomingRequest } from '../../src/http/options.js';
import { createDataDir, createTestDatabase, testDatabaseKinds } from '../support/databases.js';
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

  test.each(testDatabaseKinds)('stops what an answered operation has yet to begin (%s)', async (kind) => {
    const database = await createTestDatabase(kind);
    const dataDir = await createDataDir();
    const config = loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir.path,
      LOG_LEVEL: 'silent',
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    });
    const logger = await createLogger(config);
    const app = await createApp(config, {
      logger,
      database: database.overrides,
      timeouts: { request: 300, headers: 300 },
    });
    await app.start();
    const countOfBatch = async () => {
      const rows = await sql<{ count: number }>`
        select count(*)::int as count from users where username like 'batch%'`.execute(app.database.fork().getKysely());
      return rows.rows[0]?.count ?? 0;
    };
    const register = (name: string) =>
      `register(input: { username: "${name}", email: "${name}@example.com", password: "correct horse of ${name}" }) { id }`;
    const batch = Array.from({ length: 100 }, (_, index) => `a${index}: ${register(`batch${index}`)}`).join('\n');

    const answer = await app.http.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: `mutation { ${batch} }` },
    });
    expect(answer.statusCode).toBe(503);
    const done = await countOfBatch();
    expect(done).toBeLessThan(90);
    // Passwords are hashed in turn, so that each of these lets one of the batch go first, if any is left.
    for (const name of ['one', 'two', 'three', 'four']) {
      const input = { username: name, email: `${name}@example.com`, password: `correct horse of ${name}` };
      await app.services.users.register(app.database.fork(), input);
    }
    expect((await countOfBatch()) - done).toBeLessThanOrEqual(1);

    await app.stop();
    await dataDir.remove();
    await database.drop();
  });
});
