import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sendError } from './error-answer.js';

/** What Prometheus reads, as text of the type. */
export interface Scrapes {
  readonly contentType: string;
  scrape(): Promise<string>;
}

/** Serves /metrics to whoever sends the token as a bearer (RFC 6750, section 2.1), which is compared in constant time. */
export function registerMetricsRoute(app: FastifyInstance, token: string, { contentType, scrape }: Scrapes): void {
  const expected = digest(token);
  app.get('/metrics', async (request, reply) => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) {
      return reply.type(contentType).send(await scrape());
    }
    reply.header('www-authenticate', given === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
    const reason = given === undefined ? 'MISSING' : 'MALFORMED';
    const message = 'The metrics are for whoever sends METRICS_TOKEN as a bearer.';
    return sendError(request, reply, 401, { message, extensions: { code: 'UNAUTHENTICATED', reason } });
  });
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
