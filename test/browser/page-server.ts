import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server of empty pages, one at every path: the same under two host names, which are two sites to a browser. */
export interface PageServer {
  readonly localhost: string;
  readonly byAddress: string;
  close(): Promise<void>;
}

export async function servePages(): Promise<PageServer> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end('<!doctype html><title>A page</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    localhost: `http://localhost:${port}`,
    byAddress: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
