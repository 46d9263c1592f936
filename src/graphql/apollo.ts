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
import type { Clock } from '../common/clock.js';
import type { RequestContext } from '../common/context.js';
import type { Metrics } from '../common/metrics.js';
import type { Config } from '../config.js';
import { documentDepthRule } from './document-depth.js';
import { createErrorMapping } from './errors.js';
import { FairShare } from './fair-share.js';
import { metricsPlugin } from './metrics-plugin.js';
import {
  errorReportPlugin,
  httpStatusPlugin,
  operationTypePlugin,
  passwordByPostPlugin,
  queryLimitsPlugin,
} from './plugins.js';

/** Each message about a wrong variable or literal prints the input again, so a few must do. */
const maxInputErrors = 10;

export interface ApolloServerSettings {
  readonly schema: GraphQLSchema;
  readonly config: Pick<Config, 'environment' | 'graphql'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether an error means that the database cannot be reached. */
  readonly isDatabaseUnavailable: (error: unknown) => boolean;
  /** What counts operations, if anything does. */
  readonly metrics?: Metrics | undefined;
}

/** Makes the GraphQL engine, not yet started: it masks what nobody foresaw, and collects and reports nothing. */
export function createApolloServer(settings: ApolloServerSettings): ApolloServer<RequestContext> {
  const { schema, config, clock, logger, isDatabaseUnavailable, metrics } = settings;
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
    parseOptions: { maxTokens: config.graphql.limits.tokens },
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
      passwordByPostPlugin,
      queryLimitsPlugin(config.graphql.limits, new FairShare(config.graphql.costLimits, clock), metrics),
      httpStatusPlugin,
      ...(metrics ? [metricsPlugin(metrics)] : []),
    ],
  });
}
