import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import type { RequestContext } from '../common/context.js';
import { PosternError } from '../common/errors.js';
import { withTimeout } from '../common/timeout.js';
import { internalError } from '../graphql/errors.js';
import { badRequest, sendError, sendUnavailable } from './error-answer.js';
import { mediaTypes, negotiate } from './media-type.js';
import type { HttpServerOptions } from './options.js';
import { requestInfoReader } from './request-info.js';
import { deviceCookieName, HttpTokenCookie, refreshCookieName } from './token-cookie.js';
import { onlyTrusted } from './trusted-documents.js';

/** All that Apollo Server reads of the headers, besides Accept: the fewer it is given, the less each request costs. */
const headersForApollo = ['content-type', 'x-apollo-operation-name', 'apollo-require-preflight'] as const;

/** Types that a page of any origin can send without a preflight: their body is let through unread to Apollo's CSRF check. */
const unpreflightedTypes = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];

/** Serves /graphql (GraphQL over HTTP, draft of 2025); an operation that takes longer than `timeout` milliseconds is answered with 503 and begins no further statement. */
export function registerGraphQLRoute(app: FastifyInstance, options: HttpServerOptions, timeout: number): void {
  const makeContext = contextFactory(options);

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(unpreflightedTypes, { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined));

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const accept = negotiate(request.headers.accept);
      if (accept === null)
        return sendError(
          request,
          reply,
          406,
          badRequest('The answer would be JSON, which the Accept header rules out.'),
        );
      const httpGraphQLRequest = onlyTrusted(toApollo(request, accept), options.trustedDocuments);
      if (httpGraphQLRequest === null)
        return sendError(request, reply, accept === mediaTypes.graphql ? 400 : 200, notInList);
      let expired = false;
      const execution = options.graphql.executeHTTPGraphQLRequest({
        httpGraphQLRequest,
        context: () => makeContext(request, reply, () => expired),
      });
      const answer = await withTimeout(execution, timeout - reply.elapsedTime, () => {
        expired = true;
        return null;
      });
      if (answer === null) return sendUnavailable(request, reply);
      const status = answer.status ?? 200;
      if (status === 500 || answer.body.kind !== 'complete') {
        return sendError(request, reply, 500, internalError(request.id));
      }
      copyHeaders(answer.headers, reply);
      return reply.code(status).send(answer.body.string);
    },
  });

  app.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: async (request, reply) => {
      reply.header('allow', 'GET, POST');
      return sendError(request, reply, 405, badRequest('GraphQL is spoken by GET and POST.'));
    },
  });
}

function toApollo(request: FastifyRequest, accept: string): HTTPGraphQLRequest {
  const headers = new HeaderMap([['accept', accept]]);
  for (const name of headersForApollo) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const start = request.url.indexOf('?');
  return {
    method: request.method,
    headers,
    search: start === -1 ? '' : request.url.slice(start),
    body: request.body,
  };
}

const notInList = {
  message: 'This server runs the documents of its manifest alone. Name one of them by its id.',
  extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' },
};

/** Caching is this layer's to decide, so Apollo's word on it is left out. */
function copyHeaders(headers: HeaderMap, reply: FastifyReply): void {
  for (const [name, value] of headers) {
    if (name !== 'cache-control') reply.header(name, value);
  }
}

function contextFactory(options: HttpServerOptions) {
  const { config, createContext } = options;
  const readInfo = requestInfoReader(config.http);
  const authHeaderName = config.tokens.authHeaderName.toLowerCase();
  const secure = config.environment === 'production';

  return async (request: FastifyRequest, reply: FastifyReply, expired: () => boolean): Promise<RequestContext> => {
    const authorization = request.headers[authHeaderName];
    try {
      return await createContext({
        info: readInfo(request),
        authorization: typeof authorization === 'string' ? authorization : undefined,
        refreshCookie: new HttpTokenCookie(request, reply, refreshCookieName, { secure }),
        deviceCookie: new HttpTokenCookie(request, reply, deviceCookieName, { secure }),
        expired,
      });
    } catch (error) {
      throw forWholeRequest(error, request);
    }
  };
}

/** Apollo Server would answer 500 and quote the message of whatever a context fails with. */
function forWholeRequest(error: unknown, request: FastifyRequest): GraphQLError {
  if (error instanceof PosternError) {
    const { code, retryAfter } = error.extensions;
    const status = code === 'SERVICE_UNAVAILABLE' ? 503 : 400;
    const http: object = {
      status,
      headers: new Map(typeof retryAfter === 'number' ? [['retry-after', String(retryAfter)] as const] : []),
    };
    return new GraphQLError(error.message, {
      originalError: error,
      extensions: { ...error.extensions, http },
    });
  }
  request.log.error({ err: error }, 'the context of a request could not be made');
  return new GraphQLError('Internal server error', { extensions: { http: { status: 500 } } });
}
