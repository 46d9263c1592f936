import { setTimeout as delay } from 'node:timers/promises';

/** A database call took longer than its caller could wait; the call itself goes on. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';
}

/** Settles as the promise does, or rejects with DatabaseTimeoutError after `timeoutMs`. */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DatabaseTimeoutError(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waiting times in milliseconds that double from 250 to 5,000. */
export function* backoff(): Generator<number, never> {
  for (let wait = 250; ; wait = Math.min(2 * wait, 5_000)) yield wait;
}

/** Resolves after the time, or at once when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal, { ref = true } = {}): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref }).catch(() => undefined);
}
