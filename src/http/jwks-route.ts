import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Serves the public verification keys (RFC 7517, section 5), which caches may keep for five minutes. */
export function registerJwksRoute(app: FastifyInstance, jwks: () => object): void {
  app.get('/.well-known/jwks.json', async (request, reply) => {
    const body = JSON.stringify(jwks());
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.header('cache-control', 'public, max-age=300').header('etag', etag);
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  });
}

/** Weak comparison, as RFC 9110 (section 13.1.2) asks for. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
