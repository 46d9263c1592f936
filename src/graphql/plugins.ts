import type { ApolloServerPlugin } from '@apollo/server';
import { BREAK, type DocumentNode, GraphQLError, type GraphQLFormattedError, OperationTypeNode, visit } from 'graphql';
import type { RequestContext } from '../common/context.js';
import type { Metrics } from '../common/metrics.js';
import type { Config } from '../config.js';
import type { ErrorMapping } from './errors.js';
import type { FairShare } from './fair-share.js';
import { costOf } from './query-cost.js';
import { excessOf } from './query-limits.js';

type Plugin = ApolloServerPlugin<RequestContext>;

/** Codes of requests that were well-formed over HTTP, though their GraphQL was refused before it ran. */
const refusedOperation: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'QUERY_TOO_COMPLEX',
  'RATE_LIMITED',
]);

/** Tells the error mapping which request an error belongs to. */
export function errorReportPlugin(errors: ErrorMapping): Plugin {
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async (context) => errors.report(context.errors, context.contextValue.request.id),
    }),
    unexpectedErrorProcessingRequest: async ({ requestContext, error }) =>
      errors.report([error], requestContext.contextValue.request.id),
  };
}

/** Refuses subscriptions, which this transport cannot carry and Apollo Server takes for a fault of its own. */
export const operationTypePlugin: Plugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new GraphQLError('Subscriptions are not supported.', {
        nodes: operation,
        extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
      });
    },
  }),
};

/** Refuses a password in a URL, which proxies and histories write down (OWASP ASVS 5, 14.2.1): whoever sends one so notices at once. */
export const passwordByPostPlugin: Plugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ document, request }) => {
      if (request.http?.method !== 'GET' || !takesPassword(document)) return;
      const http: object = { status: 405, headers: new Map([['allow', 'POST']]) };
      throw new GraphQLError('A password is sent by POST: URLs are written down in many places.', {
        extensions: { code: 'BAD_REQUEST', http },
      });
    },
  }),
};

/**
 * Refuses operations that are too large or would cost too much, alone or together with those before it, before anything of them
 * runs. Whoever sends `"extensions": { "cost": true }` beside the query is told its cost in the answer's `extensions.cost`.
 */
export function queryLimitsPlugin(
  limits: Config['graphql']['limits'],
  fairShare: FairShare,
  metrics?: Metrics,
): Plugin {
  return {
    requestDidStart: async () => {
      let cost: number | null = null;
      return {
        didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
          if (operation === undefined) return;
          const excess = excessOf({ schema, document, operation }, limits);
          if (excess !== null) throw queryTooComplex(excess);
          cost = costOf({ schema, document, operation, variables: request.variables ?? {} }, limits.cost);
          if (cost !== null && Number.isFinite(cost)) metrics?.queryCost(cost);
          if (cost !== null && cost > limits.cost) throw queryTooComplex(tooExpensive(cost, limits.cost));
          fairShare.charge(Math.max(1, cost ?? 1), contextValue);
        },
        willSendResponse: async ({ request, response }) => {
          if (request.extensions?.['cost'] !== true || response.body.kind !== 'single') return;
          const { singleResult } = response.body;
          const told = { cost: Number.isFinite(cost) ? cost : null, limit: limits.cost };
          singleResult.extensions = { ...singleResult.extensions, cost: told };
        },
      };
    },
  };
}

function tooExpensive(cost: number, limit: number): string {
  const found = Number.isFinite(cost) ? cost : 'too much to count';
  return `The operation costs ${found}; at most ${limit} is allowed. Ask for less, or in parts.`;
}

function queryTooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX' } });
}

/** Gives refused operations the status of their media type: 200 as application/json, else 400 (GraphQL over HTTP, section 6.4). */
export const httpStatusPlugin: Plugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      if (request.http === undefined || response.body.kind !== 'single') return;
      const { data, errors } = response.body.singleResult;
      if (data !== undefined || errors === undefined || !errors.every(isRefusal)) return;
      response.http.status = answersGraphQL(request.http.headers.get('accept')) ? 400 : 200;
    },
  }),
};

function isRefusal(error: GraphQLFormattedError): boolean {
  return refusedOperation.has(error.extensions?.['code']);
}

/** The HTTP layer has reduced the header to the one media type that it agreed on. */
function answersGraphQL(accept: string | undefined): boolean {
  return accept?.startsWith('application/graphql-response+json') ?? false;
}

function takesPassword(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Argument({ name }) {
      found = name.value === 'password';
      return found ? BREAK : undefined;
    },
  });
  return found;
}
