import { rm } from 'node:fs/promises';

/** Stops what the global setup has started; both run in the same process. */
export default async function globalTeardown(): Promise<void> {
  const support = globalThis.testSupport;
  if (!support) return;
  await support.cluster.destroy();
  await rm(support.cacheDir, { recursive: true, force: true });
}
