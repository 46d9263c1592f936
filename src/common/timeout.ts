/** Settles as the work does or, once that takes longer than so many milliseconds, as `otherwise` says; the work itself goes on. */
export async function withTimeout<T, U>(work: Promise<T>, milliseconds: number, otherwise: () => U): Promise<T | U> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  try {
    return await Promise.race([work, timeout.then(otherwise)]);
  } finally {
    clearTimeout(timer);
  }
}
