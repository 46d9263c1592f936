import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError, OperationTypeNode } from 'graphql';
import type { RequestContext } from '../common/context.js';
import type { Metrics } from '../common/metrics.js';
import type { ErrorMapping } from './errors.js';
import { costOf } from './query-cost.js';

type Plugin = ApolloServerPlugin<RequestContext>;

/** Codes of requests that were well-formed over HTTP, though their GraphQL was refused before it ran. */
const refusedOperation: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'QUERY_TOO_COMPLEX',
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

/** Refuses operations that would cost more than the limit, before anything of them runs. */
export function queryCostPlugin(limit: number, metrics?: Metrics): Plugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        if (operation === undefined) return;
        const cost = costOf({ schema, document, operation, variables: request.variables ?? {} }, limit);
        if (cost !== null && Number.isFinite(cost)) metrics?.queryCost(cost);
        if (cost === null || cost <= limit) return;
        throw new GraphQLError(
          `The operation costs ${Number.isFinite(cost) ? cost : 'too much to count'}; at most ${limit} is allowed. Ask for less, or in parts.`,
          { extensions: { code: 'QUERY_TOO_COMPLEX' } },
        );
      },
    }),
  };
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
