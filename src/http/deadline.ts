/** What the promise holds, or null when that takes longer than so many milliseconds; the work itself goes on. */
export function withinDeadline<T>(work: Promise<T>, milliseconds: number): Promise<T | null> {
  const { promise, resolve, reject } = Promise.withResolvers<T | null>();
  const timer = setTimeout(resolve, milliseconds, null);
  work.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
