import type { FastifyInstance } from 'fastify';

/** Asked for every few seconds by machines, so of no interest by default. */
const probes = new Set(['/healthz', '/readyz']);

/** Logs one line a request: never headers, bodies or the query string, which may carry variables and tokens. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions;
    const level = url !== undefined && probes.has(url) ? 'debug' : 'info';
    request.log[level](
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
