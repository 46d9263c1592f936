import type { FastifyRequest } from 'fastify';

/** Asked for every few seconds by machines that watch over the server, not by clients. */
const probes = new Set(['/healthz', '/readyz', '/metrics']);

/** Whether the request is for a route of those that watch over the server. */
export function isProbe({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url !== undefined && probes.has(routeOptions.url);
}
