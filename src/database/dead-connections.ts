import type { Pool, PoolClient } from 'pg';

/** Sees to it that a dead connection leaves the pool, whatever its holder does. */
export function watchConnections(pool: Pool): void {
  const inUse = new Set<PoolClient>();
  pool.on('acquire', (client) => inUse.add(client));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (inUse.has(client)) releaseForGood(client);
    });
    closeWhenSilent(client);
  });
}

/**
 * Kysely gives a connection back only after its `rollback` has succeeded, and not at all when `begin` fails: every
 * transaction that an outage cuts short would hold one of the pool's places for ever.
 */
function releaseForGood(client: PoolClient): void {
  client.release(true);
  // Its holder may yet release it, which pg-pool answers with an exception.
  client.release = () => undefined;
}

/**
 * pg rejects a query that is not answered within `query_timeout`, and no more: the connection would go back to the
 * pool with the dead query still in front, and every later one would wait behind it. That matters when a network path
 * breaks without a word (a failover, a firewall's table), where TCP itself takes a quarter of an hour to notice.
 */
function closeWhenSilent(client: PoolClient): void {
  const query: (...values: unknown[]) => unknown = client.query.bind(client);
  Reflect.set(client, 'query', (...values: unknown[]) => {
    const result = query(...values);
    if (result instanceof Promise) result.catch((error: unknown) => closeIfSilent(client, error));
    return result;
  });
}

function closeIfSilent(client: PoolClient, error: unknown): void {
  if (!(error instanceof Error) || error.message !== 'Query read timeout') return;
  // With a query under way `end` destroys the socket at once and waits for nobody.
  client.end();
}
