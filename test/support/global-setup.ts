import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';

declare global {
  var testSupport: { cluster: Cluster; cacheDir: string } | undefined;
}

/** Starts the one PostgreSQL of a test run and makes its cache directory; the workers learn of both by environment. */
export default async function globalSetup(): Promise<void> {
  // By its path: jest compiles this file for `require`, without the mapping of `.js` to `.ts` that tests have.
  const modulePath = join(import.meta.dirname, 'cluster.ts');
  const { startCluster }: typeof import('./cluster.js') = await import(modulePath);
  const [cluster, cacheDir] = await Promise.all([startCluster(), mkdtemp(join(tmpdir(), 'postern-test-cache-'))]);
  globalThis.testSupport = { cluster, cacheDir };
  process.env['POSTERN_TEST_POSTGRES'] = cluster.url();
  process.env['POSTERN_TEST_CACHE'] = cacheDir;
}
