import { setTimeout as delay } from 'node:timers/promises';

/** A database call took longer than its caller could wait; the call itself goes on. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';
}

/** Waiting times in milliseconds that double from 250 to 5,000. */
export function* backoff(): Generator<number, never> {
  for (let wait = 250; ; wait = Math.min(2 * wait, 5_000)) yield wait;
}

/** Resolves after the time, or at once when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal, { ref = true } = {}): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref }).catch(() => undefined);
}
