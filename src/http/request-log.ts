import type { FastifyInstance } from 'fastify';
import { isProbe } from './probes.js';

/**
 * Logs one line a request, of probes at the level debug: never headers, bodies or the query string, which may carry
 * variables and tokens.
 */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log[isProbe(request) ? 'debug' : 'info'](
      {
        method: request.method,
        path: request.url.split('?', 1)[0],
        statusCode: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
  });
}
