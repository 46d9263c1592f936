import { isNativeError } from 'node:util/types';
import type { Logger } from './common/logger.js';
import type { Config } from './config.js';
import { migrate, pendingMigrations } from './database/migrate.js';
import type { Database } from './database/open.js';
import { connectTimeout } from './database/options.js';
import { retryWhileUnavailable } from './database/retry.js';
import { pause } from './database/timing.js';
import type { FlushService } from './modules/auth/maintenance/flush.service.js';

/** How often pending migrations are looked for, in milliseconds. */
const migrationPoll = 1_000;

/** What works on the database from the moment that it is there. */
interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What runs beside the requests: waiting for the database, migrating it, hearing of its news and the regular flush. */
export class Lifecycle {
  private isServing = false;
  private readonly stopping = new AbortController();
  private starting: Promise<void> = Promise.resolve();
  private flushTimer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | null = null;

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly parts: Readonly<Record<'keys' | 'feed' | 'outbox', Startable>>,
    private readonly flush: FlushService,
    private readonly logger: Logger,
  ) {}

  /** Whether the database has been reached and brought up to date since the start. */
  get serving(): boolean {
    return this.isServing;
  }

  /** Resolves when the database has been reached and migrated, or when `stop` is called before that. */
  async start(): Promise<void> {
    this.starting = this.serve();
    await this.starting;
  }

  /** Waits for what is under way, a migration too, and closes the database whatever becomes of the rest. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.flushTimer);
    try {
      await Promise.all(Object.values(this.parts).map((one) => one.stop()));
    } finally {
      await Promise.allSettled([this.starting, this.flushing]);
      await this.database.close();
    }
  }

  private async serve(): Promise<void> {
    const { signal } = this.stopping;
    try {
      await retryWhileUnavailable(() => this.reachDatabase(), {
        signal,
        onRetry: (error, waitMs) =>
          this.logger.warn(`The database is away (${reasonOf(error)}); next try in ${waitMs} ms.`),
      });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    await this.parts.outbox.start();
    this.isServing = true;
    const { flushInterval } = this.config;
    if (flushInterval > 0) this.flushTimer = setInterval(() => this.flushNow(), flushInterval).unref();
  }

  private async reachDatabase(): Promise<void> {
    await this.database.probe(connectTimeout);
    if (this.config.database.migrateOnStart) await this.migrate();
    else await this.awaitMigrations();
    this.stopping.signal.throwIfAborted();
    await this.parts.keys.start();
    await this.parts.feed.start();
  }

  /** Somebody else migrates (`npm run migrate`); nothing is served on tables that are not there yet. */
  private async awaitMigrations(): Promise<void> {
    for (let pending = await pendingMigrations(this.database); pending.length > 0; ) {
      this.logger.warn(`Waiting for migrations: ${pending.join(', ')}. Run \`npm run migrate\`.`);
      await pause(migrationPoll, this.stopping.signal);
      this.stopping.signal.throwIfAborted();
      pending = await pendingMigrations(this.database);
    }
  }

  private async migrate(): Promise<void> {
    for (const name of await migrate(this.database, this.stopping.signal))
      this.logger.info(`Applied the migration ${name}.`);
  }

  /** One at a time, so that `stop` waits for the one that runs. */
  private flushNow(): void {
    this.flushing ??= this.flush
      .flush(this.database.fork(), this.stopping.signal)
      .then(
        (report) => this.logger.debug(report, 'Deleted what had expired.'),
        (error: unknown) => this.logger.warn({ err: error }, 'Deleting what has expired failed; it is tried again.'),
      )
      .finally(() => {
        this.flushing = null;
      });
  }
}

/** Without the stack, which says nothing of a server that is not there. */
function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
