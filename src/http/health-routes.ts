import type { FastifyInstance, FastifyReply } from 'fastify';
import { withTimeout } from '../common/timeout.js';
import type { Drain } from './drain.js';

export interface HealthOptions {
  readiness(): Promise<boolean>;
  readonly drain: Drain;
  /** Milliseconds after which an undecided readiness counts as none. */
  readonly timeout: number;
}

/** Serves /healthz, for restarts, and /readyz, for load balancers. */
export function registerHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    if (options.drain.draining) return notReady(reply, 'stopping');
    return (await isReady(options)) ? { status: 'ready' } : notReady(reply, 'unavailable');
  });
}

function notReady(reply: FastifyReply, status: string) {
  return reply.code(503).header('retry-after', '2').send({ status });
}

async function isReady({ readiness, timeout }: HealthOptions): Promise<boolean> {
  try {
    return await withTimeout(readiness(), timeout, () => false);
  } catch {
    return false;
  }
}
