import type { Database } from './open.js';
import { connectTimeout } from './options.js';
import { backoff, pause } from './timing.js';

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Called after each failure, with the error and the milliseconds until the next try. */
  onRetry(error: unknown, waitMs: number): void;
}

/** Resolves when the database answers, trying again after 0.25 s, 0.5 s … 5 s; rejects only when the signal aborts. */
export async function waitForDatabase(database: Database, { signal, onRetry }: WaitOptions): Promise<void> {
  for (const waitMs of backoff()) {
    signal.throwIfAborted();
    try {
      return await database.probe(connectTimeout);
    } catch (error) {
      signal.throwIfAborted();
      onRetry(error, waitMs);
    }
    await pause(waitMs, signal);
  }
}
