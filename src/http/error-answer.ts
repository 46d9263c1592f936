import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { PosternError, serviceUnavailable } from '../common/errors.js';
import type { Config } from '../config.js';
import { internalError } from '../graphql/errors.js';
import { mediaTypes, negotiate } from './media-type.js';
import { bareHeaders } from './security-headers.js';

type PublicError = Pick<GraphQLFormattedError, 'message' | 'extensions'>;

/** How long a client is told to wait while the server stops or is too slow, in milliseconds. */
const retryAfter = 2_000;

const messages: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The request body is larger than 1 MiB.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The request body is empty.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The request body is not valid JSON.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The request body must be of type application/json.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The request body is not as long as its Content-Length says.',
  FST_ERR_BAD_URL: 'The path is not a valid URL component.',
};

/** A body in GraphQL's error form, for answers that never reached GraphQL. */
export function errorBody(error: PublicError): string {
  return JSON.stringify({ errors: [{ message: error.message, extensions: error.extensions }] });
}

export function badRequest(message: string): PublicError {
  return { message, extensions: { code: 'BAD_REQUEST' } };
}

/** Answers with one error, in the media type that the client prefers. */
export function sendError(request: FastifyRequest, reply: FastifyReply, status: number, error: PublicError) {
  const type = negotiate(request.headers.accept) ?? mediaTypes.json;
  return reply.code(status).type(type).send(errorBody(error));
}

export function sendUnavailable(request: FastifyRequest, reply: FastifyReply) {
  const error = serviceUnavailable(retryAfter);
  reply.header('retry-after', String(error.extensions['retryAfter']));
  return sendError(request, reply, 503, error);
}

/** Gives every error that Fastify knows of GraphQL's form: the handlers', the parsers', the router's. */
export function registerErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>(answerError);
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, 404, { message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND' } }),
  );
}

/** Answers errors that arise before any hook has run. */
export function frameworkErrorAnswer(environment: Config['environment']) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(bareHeaders(request.id, environment));
    answerError(error, request, reply);
  };
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof PosternError && error.code === 'SERVICE_UNAVAILABLE') return sendUnavailable(request, reply);
  if (error instanceof PosternError) return sendError(request, reply, 400, error);
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) {
    request.log.error({ err: error }, 'unforeseen error');
    return sendError(request, reply, 500, internalError(request.id));
  }
  return sendError(request, reply, status, badRequest(messages[error.code] ?? STATUS_CODES[status] ?? 'Bad Request'));
}
