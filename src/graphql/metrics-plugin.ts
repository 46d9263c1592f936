import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../common/context.js';
import { type ErrorCode, errorCodes } from '../common/error-catalogue.js';
import type { Metrics } from '../common/metrics.js';

/** Counts operations by what they are and how they ended, never by what they are called: names are the clients' to choose. */
export function metricsPlugin(metrics: Metrics): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ operation, response: { body } }) => {
        const error = body.kind === 'single' ? body.singleResult.errors?.[0] : undefined;
        metrics.operation(operation?.operation ?? 'unknown', error ? codeOf(error) : 'OK');
      },
    }),
  };
}

/** A code that the catalogue does not have would be a fault of ours. */
function codeOf({ extensions }: GraphQLFormattedError): ErrorCode {
  const code = extensions?.['code'];
  return isKnown(code) ? code : 'INTERNAL_SERVER_ERROR';
}

function isKnown(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}
