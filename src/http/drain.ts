import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { sendUnavailable } from './error-answer.js';
import { isProbe } from './probes.js';

export interface Drain {
  /** Whether the server is stopping: it finishes what it has begun and begins nothing new. */
  readonly draining: boolean;
}

/** Makes `close` graceful: requests in flight are answered, later ones on kept connections are refused with 503. */
export function drainOnClose(app: FastifyInstance): Drain {
  const drain = { draining: false };
  const sockets = trackSockets(app);

  app.addHook('preClose', async () => {
    drain.draining = true;
    destroySilent(sockets);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!drain.draining) return;
    reply.header('connection', 'close');
    // What watches over the server still has to learn its state.
    if (!isProbe(request)) return sendUnavailable(request, reply);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (drain.draining) reply.header('connection', 'close');
  });
  return drain;
}

function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Browsers open connections in advance; Node counts one that never said a word as busy and would wait for it. */
function destroySilent(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) {
    if (socket.bytesRead === 0) socket.destroy();
  }
}
