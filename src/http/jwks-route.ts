import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Serves the public verification keys (RFC 7517, section 5), which caches may keep for `maxAge` milliseconds. */
export function registerJwksRoute(app: FastifyInstance, jwks: () => object, maxAge: number): void {
  const cacheControl = `public, max-age=${Math.floor(maxAge / 1000)}`;
  app.get('/.well-known/jwks.json', async (request, reply) => {
    const body = JSON.stringify(jwks());
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.header('cache-control', cacheControl).header('etag', etag);
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  });
}

/** Weak comparison, as RFC 9110 (section 13.1.2) asks for. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
