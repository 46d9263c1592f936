import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Scrapes } from './metrics-route.js';

interface MetricsServer {
  /** Rejects when the port cannot be had. */
  start(): Promise<void>;
  /** At once: a scrape that is cut comes again. */
  stop(): Promise<void>;
}

/** Serves /metrics on a port of its own, to whoever reaches it. */
export function createMetricsServer(
  { host, port }: { readonly host: string; readonly port: number },
  { contentType, scrape }: Scrapes,
  logger: Logger,
): MetricsServer {
  const server = createServer(async ({ method, url }, response) => {
    if (url?.split('?', 1)[0] !== '/metrics') return answer(response, 404);
    if (method !== 'GET' && method !== 'HEAD') return answer(response.setHeader('allow', 'GET, HEAD'), 405);
    try {
      const text = await scrape();
      answer(response.setHeader('content-type', contentType), 200, text);
    } catch (error) {
      logger.error({ err: error }, 'the metrics could not be told');
      answer(response, 500);
    }
  });
  return {
    async start() {
      server.listen({ host, port });
      await once(server, 'listening');
      logger.info(`Metrics are at http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics.`);
    },
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'cache-control': 'no-store' }).end(text);
}
