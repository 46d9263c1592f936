import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

const apiPolicy = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

const oneDay = 86_400;

/** The headers of every answer, also of those that no hook of Fastify's sees. */
export function plainHeaders(requestId: string): Record<string, string> {
  return { 'x-request-id': requestId, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
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
