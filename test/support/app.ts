import { type App, type AppOverrides, createApp } from '../../src/app.js';
import { createLogger } from '../../src/common/logger.js';
import { type Config, loadConfig } from '../../src/config.js';
import type { Extensions } from '../../src/modules/auth/extensions.js';
import type { Argon2Parameters } from '../../src/modules/users/password-hasher.js';
import { TestClient } from './client.js';
import { createDataDir, createTestDatabase, type TestDatabase, type TestDatabaseKind } from './databases.js';
import { FakeClock } from './fake-clock.js';
import { type Mail, readMails } from './mails.js';

export interface TestAppOptions {
  /** Environment variables on top of the test's own. */
  readonly env?: Record<string, string>;
  /** A database that exists already, such as that of another instance; else a fresh one. */
  readonly database?: TestDatabase;
  readonly clock?: FakeClock;
  /** None, whatever src/extensions.ts says. */
  readonly extensions?: Extensions;
  readonly extensionTimeout?: number;
  /** Receives the log, one JSON object a line. */
  readonly log?: (line: string) => void;
  /** What a hash of a password costs; next to nothing where it is not given. */
  readonly argon2?: Argon2Parameters;
  readonly smtpTimeouts?: AppOverrides['smtpTimeouts'];
}

/** An instance of the whole program over a database of its own, with a clock that the test moves. */
export interface TestApp {
  readonly app: App;
  readonly clock: FakeClock;
  readonly database: TestDatabase;
  readonly config: Config;
  /** The text of each statement since the last call of `takeStatements`. */
  takeStatements(): string[];
  /** Has all mails sent that are due, and reads those to the address, oldest first; for apps without SMTP_URL. */
  mailsTo(address: string): Promise<Mail[]>;
  /** A client without a token; `address` is where it comes from. */
  client(address?: string): TestClient;
  stop(): Promise<void>;
}

/** Cheap to compute, and the same for all instances of a test. */
const signingKey = 'a test key of thirty-two bytes, or more of them';

/** The least that argon2 takes: most tests sign somebody in, and few are about what that costs. */
const cheapHashes: Argon2Parameters = { memoryCost: 1_024, timeCost: 2 };

export async function createTestApp(kind: TestDatabaseKind, options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.database ?? (await createTestDatabase(kind));
  const clock = options.clock ?? new FakeClock();
  const dataDir = await createDataDir();
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: dataDir.path,
    JWT_SIGNING_KEY: signingKey,
    LOG_LEVEL: 'debug',
    FLUSH_INTERVAL: '0s',
    TRUST_PROXY: '1',
    // A busy machine is no reason to refuse a test.
    EVENT_LOOP_DELAY_LIMIT: '0s',
    ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    ...options.env,
  });
  const statements: string[] = [];
  const log = options.log ?? (() => undefined);
  const app = await createApp(config, {
    clock,
    extensions: options.extensions ?? {},
    ...(options.extensionTimeout !== undefined && { extensionTimeout: options.extensionTimeout }),
    outboxInterval: 0,
    argon2: options.argon2 ?? cheapHashes,
    ...(options.smtpTimeouts && { smtpTimeouts: options.smtpTimeouts }),
    logger: await createLogger(config, { write: log }),
    database: { ...database.overrides, onStatement: (statement) => statements.push(statement) },
  });
  try {
    await app.start();
  } catch (error) {
    await app.stop();
    throw error;
  }
  return {
    app,
    clock,
    database,
    config,
    takeStatements: () => statements.splice(0),
    mailsTo: async (address) => {
      await app.services.outbox.deliver();
      return (await readMails(dataDir.path)).filter(({ to }) => to === address);
    },
    client: (address) => new TestClient(app, address),
    stop: async () => {
      await app.stop();
      await dataDir.remove();
      if (options.database === undefined) await database.drop();
    },
  };
}
