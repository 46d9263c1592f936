import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { RequestContext } from '../common/context.js';
import type { Config } from '../config.js';
import { documentDepthRule } from './document-depth.js';
import { createErrorMapping } from './errors.js';
import { errorReportPlugin, httpStatusPlugin, operationTypePlugin, queryCostPlugin } from './plugins.js';

/** Far above any operation a person writes; below it a document is parsed within a few milliseconds. */
const maxTokens = 15_000;

/** Each message about a wrong variable or literal prints the input again, so a few must do. */
const maxInputErrors = 10;

export interface ApolloServerSettings {
  readonly schema: GraphQLSchema;
  readonly config: Pick<Config, 'environment' | 'graphql'>;
  readonly logger: Logger;
  /** Whether an error means that the database cannot be reached. */
  readonly isDatabaseUnavailable: (error: unknown) => boolean;
}

/** Makes the GraphQL engine, not yet started: it masks what nobody foresaw, and collects and reports nothing. */
export function createApolloServer(settings: ApolloServerSettings): ApolloServer<RequestContext> {
  const { schema, config, logger, isDatabaseUnavailable } = settings;
  const errors = createErrorMapping({ logger, isDatabaseUnavailable });
  return new ApolloServer<RequestContext>({
    schema,
    logger,
    nodeEnv: config.environment,
    introspection: config.graphql.introspection,
    hideSchemaDetailsFromClientErrors: config.environment === 'production',
    includeStacktraceInErrorResponses: false,
    formatError: errors.formatError,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens },
    validationRules: [documentDepthRule],
    validationOptions: { maxErrors: maxInputErrors },
    executionOptions: { maxCoercionErrors: maxInputErrors },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      errorReportPlugin(errors),
      operationTypePlugin,
      queryCostPlugin(config.graphql.queryCostLimit),
      httpStatusPlugin,
    ],
  });
}
