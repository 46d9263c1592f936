import { withTimeout } from '../common/timeout.js';

/**
 * A question that may go unanswered: null then, or when the answer takes longer than so many milliseconds. While one is
 * under way nobody asks another, so that a database which hangs is not asked more and more.
 */
export function patientQuestion<T>(ask: () => Promise<T>, milliseconds: number): () => Promise<T | null> {
  let underWay: Promise<T | null> | null = null;
  return () => {
    underWay ??= answerOf(ask).finally(() => {
      underWay = null;
    });
    return withTimeout(underWay, milliseconds, () => null);
  };
}

async function answerOf<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
