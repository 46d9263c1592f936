import { backoff, pause } from './timing.js';
import { isDatabaseUnavailable } from './unavailable.js';

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Called after each failure, with the error and the milliseconds until the next try. */
  onRetry(error: unknown, waitMs: number): void;
}

/**
 * Does the work, and all of it again after 0.25 s, 0.5 s … 5 s for as long as the database is away or takes no writes.
 * Rejects when the signal aborts, or when the server is there and refuses: a wrong password does not mend itself.
 */
export async function retryWhileUnavailable<T>(work: () => Promise<T>, { signal, onRetry }: RetryOptions): Promise<T> {
  for (const waits = backoff(); ; ) {
    signal.throwIfAborted();
    const waitMs = waits.next().value;
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isDatabaseUnavailable(error)) throw error;
      onRetry(error, waitMs);
    }
    await pause(waitMs, signal);
  }
}
