import type { FastifyInstance } from 'fastify';
import { loadExampleTabs } from './explorer-examples.js';
import { graphiqlPage, sandboxPage } from './explorer-pages.js';

const self = "'self'";
const inline = "'unsafe-inline'";

const sandboxPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: [inline, 'https://embeddable-sandbox.cdn.apollographql.com'],
  styleSrc: [inline],
  connectSrc: [self],
  frameSrc: ['https://sandbox.embed.apollographql.com'],
  frameAncestors: ["'none'"],
};

/** The editor of GraphiQL is one inline script that starts its workers from blobs. */
const graphiqlPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: [inline, 'blob:'],
  workerSrc: ['blob:'],
  styleSrc: [inline],
  fontSrc: ['data:'],
  imgSrc: ['data:'],
  connectSrc: [self],
  frameAncestors: ["'none'"],
};

/** Serves the explorer, for development only: Apollo Sandbox at /, a self-contained GraphiQL at /graphiql. */
export function registerExplorer(app: FastifyInstance): void {
  const tabs = loadExampleTabs();

  app.get('/', { helmet: policy(sandboxPolicy) }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(sandboxPage(await tabs)),
  );
  app.get('/graphiql', { helmet: policy(graphiqlPolicy) }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(await graphiqlPage(await tabs)),
  );
  app.addHook('preHandler', async (request, reply) => {
    const asksForPage = request.method === 'GET' && request.url === '/graphql';
    if (asksForPage && request.headers.accept?.includes('text/html')) return reply.redirect('/');
  });
}

function policy(directives: Record<string, string[]>) {
  return { contentSecurityPolicy: { useDefaults: false, directives } };
}
