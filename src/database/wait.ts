import type { Database } from './open.js';
import { connectTimeout } from './options.js';
import { backoff, pause } from './timing.js';
import { isDatabaseUnavailable } from './unavailable.js';

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Called after each failure, with the error and the milliseconds until the next try. */
  onRetry(error: unknown, waitMs: number): void;
}

/**
 * Resolves when the database answers, trying again after 0.25 s, 0.5 s … 5 s. Rejects when the signal aborts, or when the
 * server is there and refuses: a wrong password does not mend itself.
 */
export async function waitForDatabase(database: Database, { signal, onRetry }: WaitOptions): Promise<void> {
  for (const waitMs of backoff()) {
    signal.throwIfAborted();
    try {
      return await database.probe(connectTimeout);
    } catch (error) {
      signal.throwIfAborted();
      if (!isDatabaseUnavailable(error)) throw error;
      onRetry(error, waitMs);
    }
    await pause(waitMs, signal);
  }
}
