import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { serviceUnavailable } from '../common/errors.js';

/** How often the event loop is looked at, in milliseconds. */
const sampleInterval = 250;

/** How long a client is told to wait, in milliseconds. */
const retryAfter = 1_000;

/**
 * Answers new GraphQL requests with 503 while the event loop is later than the limit, in milliseconds; 0 never does. What
 * runs goes on to its end, and the health routes say what is true.
 */
export function registerLoadShedding(app: FastifyInstance, maxEventLoopDelay: number): void {
  if (maxEventLoopDelay === 0) return;
  app.register(underPressure, {
    maxEventLoopDelay,
    sampleInterval,
    pressureHandler: async (request) => {
      if (request.routeOptions.url === '/graphql') throw serviceUnavailable(retryAfter);
    },
  });
}
