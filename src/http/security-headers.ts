import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

/** No answer but a page is one. */
const apiPolicy = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

const oneDay = 86_400;

/** The headers of every answer. */
function plainHeaders(requestId: string): Record<string, string> {
  return { 'x-request-id': requestId, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
}

/** The headers of answers that no hook of Fastify's sees, to requests that are malformed: what the others have, too. */
export function bareHeaders(requestId: string, environment: Config['environment']): Record<string, string> {
  const policy = Object.entries(apiPolicy).map(([name, values]) => `${name} ${values.join(' ')}`);
  return {
    ...plainHeaders(requestId),
    'content-security-policy': policy.join(';'),
    ...(environment === 'production' && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  };
}

/** Adds the headers that browsers obey (OWASP HTTP Headers Cheat Sheet), and CORS for the configured origins alone. */
export function registerSecurityHeaders(app: FastifyInstance, config: Pick<Config, 'environment' | 'http'>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(plainHeaders(request.id));
  });
  app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: apiPolicy },
    strictTransportSecurity: config.environment === 'production',
    xFrameOptions: { action: 'deny' },
  });
  app.register(cors, {
    origin: [...config.http.corsOrigins],
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: oneDay,
    strictPreflight: false,
  });
}
