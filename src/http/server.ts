import cookie from '@fastify/cookie';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { registerAccountPages } from './account-pages.js';
import { clientErrorHandler } from './client-errors.js';
import { drainOnClose } from './drain.js';
import { frameworkErrorAnswer, registerErrorAnswers } from './error-answer.js';
import { registerExplorer } from './explorer.js';
import { registerGraphQLRoute } from './graphql-route.js';
import { registerHealthRoutes } from './health-routes.js';
import { registerJwksRoute } from './jwks-route.js';
import { registerLoadShedding } from './load-shedding.js';
import { registerMetricsRoute } from './metrics-route.js';
import { defaultTimeouts, type HttpServerOptions, type HttpTimeouts } from './options.js';
import { warnOfUnknownProxy } from './proxy-warning.js';
import { requestIdFactory } from './request-id.js';
import { toFastifyTrustProxy } from './request-info.js';
import { registerRequestLog } from './request-log.js';
import { registerRequestMetrics } from './request-metrics.js';
import { registerSecurityHeaders } from './security-headers.js';

/** 1 MiB: a post of 100,000 characters fits, also if each is escaped as `\uXXXX` once. */
const bodyLimit = 1_048_576;

/** Makes the HTTP server, not yet listening; `close` stops it gracefully. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const app = createFastify(options, timeouts);

  registerSecurityHeaders(app, options.config);
  registerRequestLog(app);
  if (options.metrics) registerRequestMetrics(app, options.metrics);
  warnOfUnknownProxy(app, options.config.http.trustProxy);
  const drain = drainOnClose(app);
  registerErrorAnswers(app);
  registerLoadShedding(app, options.config.http.eventLoopDelayLimit);
  app.register(cookie, { hook: false });
  app.register(async (routes) => {
    registerGraphQLRoute(routes, options, timeouts.request);
    registerHealthRoutes(routes, { readiness: options.readiness, drain, timeout: timeouts.readiness });
    registerJwksRoute(routes, options.jwks, options.jwksMaxAge);
    if (options.scrapes) registerMetricsRoute(routes, options.scrapes.token, options.scrapes);
    registerAccountPages(routes, options.config.mail);
    if (options.config.environment === 'development') registerExplorer(routes);
  });
  return app;
}

function createFastify({ config, logger }: HttpServerOptions, timeouts: HttpTimeouts): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger;
  return fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdFactory(config.http.trustProxy),
    trustProxy: toFastifyTrustProxy(config.http.trustProxy),
    bodyLimit,
    // The router's own 503 knows nothing of GraphQL's error form; the drain answers instead.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    http: {
      requestTimeout: timeouts.request,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: timeouts.check,
    },
    clientErrorHandler: clientErrorHandler(logger, config.environment),
    frameworkErrors: frameworkErrorAnswer(config.environment),
  });
}
