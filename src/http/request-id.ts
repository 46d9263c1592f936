import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TrustProxy } from '../config.js';

/** Names each request; behind a trusted proxy its `x-request-id` is kept, so that both logs tell one story. */
export function requestIdFactory(trustProxy: TrustProxy): (request: Pick<IncomingMessage, 'headers'>) => string {
  if (trustProxy === false) return () => randomUUID();
  return ({ headers }) => {
    const given = headers['x-request-id'];
    return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  };
}
