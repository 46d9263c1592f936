import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../common/metrics.js';
import { isProbe } from './probes.js';

/** Counts answers, but those of probes: many and quick, they would hide how the clients fare. */
export function registerRequestMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    if (!isProbe(request)) metrics.httpRequest(reply.statusCode, reply.elapsedTime);
  });
}
