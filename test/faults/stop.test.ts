import { pino } from 'pino';
import { createApp } from '../../src/app.js';
import { type Config, loadConfig } from '../../src/config.js';
import { lockDataDir } from '../../src/database/data-dir-lock.js';
import { createDataDir } from '../support/databases.js';

const overrides = { logger: pino({ level: 'silent' }) };

describe('the embedded database is given back', () => {
  let dataDir: Awaited<ReturnType<typeof createDataDir>>;
  let config: Config;

  beforeEach(async () => {
    dataDir = await createDataDir({ migrated: true });
    config = loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir.path,
      JWT_SIGNING_KEY: 'a test key of thirty-two bytes, or more of them',
    });
  });

  /** Throws while an instance still has it. */
  afterEach(async () => {
    lockDataDir(dataDir.path).release();
    await dataDir.remove();
  });

  test('when the program cannot be put together', async () => {
    const http = { ...config.http, trustProxy: ['no address'] };
    await expect(createApp({ ...config, http }, overrides)).rejects.toThrow('invalid IP address');
  });

  test('by an instance that is stopped before its start', async () => {
    const app = await createApp(config, overrides);
    await app.stop();
  });

  test('by an instance whose stop fails half way', async () => {
    const app = await createApp(config, overrides);
    app.http.addHook('onClose', async () => {
      throw new Error('it does not want to close');
    });
    await app.start();
    await expect(app.stop()).rejects.toThrow('it does not want to close');
  });

  test('by an instance whose revocation feed cannot be stopped', async () => {
    const app = await createApp(config, overrides);
    await app.start();
    // Takes the ground from under the feed: its `unlisten` is then refused.
    await app.database.orm.close();
    await app.stop().catch(() => undefined);
  });
});
