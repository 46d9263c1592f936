import type { FastifyInstance } from 'fastify';
import type { TrustProxy } from '../config.js';

const forwardingHeaders = ['x-forwarded-for', 'forwarded'] as const;

/** Warns once when requests seem to come through a proxy that TRUST_PROXY does not tell of: all clients then share its address. */
export function warnOfUnknownProxy(app: FastifyInstance, trustProxy: TrustProxy): void {
  if (trustProxy !== false) return;
  let warned = false;
  app.addHook('onRequest', async (request) => {
    if (warned) return;
    const header = forwardingHeaders.find((name) => request.headers[name] !== undefined);
    if (header === undefined) return;
    warned = true;
    request.log.warn(
      { header },
      'a request was forwarded though TRUST_PROXY is false: behind a proxy all clients share its address, and with it one limit on sign-ins',
    );
  });
}
