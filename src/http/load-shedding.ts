import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { serviceUnavailable } from '../common/errors.js';

/** How often the event loop is looked at, in milliseconds. */
const sampleInterval = 250;

/** How long it has to be late without a break, in milliseconds: a server that has just started, or one large answer, is no flood. */
const patience = 2_000;

/** Requests further apart than this, in milliseconds, are no flood either. */
const longestBreak = 1_000;

/** How long a client is told to wait, in milliseconds. */
const retryAfter = 1_000;

/**
 * Answers new GraphQL requests with 503 while the event loop stays later than the limit, in milliseconds; 0 never does. What
 * runs goes on to its end, and the health routes say what is true.
 */
export function registerLoadShedding(app: FastifyInstance, maxEventLoopDelay: number): void {
  if (maxEventLoopDelay === 0) return;
  const late = { since: 0, last: 0 };
  app.register(underPressure, {
    maxEventLoopDelay,
    sampleInterval,
    pressureHandler: async (request) => {
      const now = performance.now();
      if (now - late.last > longestBreak) late.since = now;
      late.last = now;
      if (request.routeOptions.url !== '/graphql' || now - late.since < patience) return;
      throw serviceUnavailable(retryAfter);
    },
  });
}
