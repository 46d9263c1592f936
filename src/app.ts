import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { type Clock, systemClock } from './common/clock.js';
import type { RequestContext } from './common/context.js';
import { serviceUnavailable } from './common/errors.js';
import { createLogger, type Logger } from './common/logger.js';
import { noMetrics } from './common/metrics.js';
import type { Config } from './config.js';
import type { DatabaseDefinition } from './database/definition.js';
import { pendingMigrations } from './database/migrate.js';
import { migrations } from './database/migrations/index.js';
import { createNotificationChannel } from './database/notifications.js';
import { type Database, openDatabase } from './database/open.js';
import { isDatabaseUnavailable } from './database/unavailable.js';
import { extensions as ownExtensions } from './extensions.js';
import { createApolloServer } from './graphql/apollo.js';
import { GraphQLContext } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { createMetricsServer } from './http/metrics-server.js';
import type { HttpTimeouts, IncomingRequest } from './http/options.js';
import { createHttpServer } from './http/server.js';
import { TrustedDocuments } from './http/trusted-documents.js';
import { Lifecycle } from './lifecycle.js';
import { stateOf } from './metrics/app-state.js';
import { createExporter, type Exporter } from './metrics/exporter.js';
import { Authenticator } from './modules/auth/authenticator.js';
import type { Extensions } from './modules/auth/extensions.js';
import { foreignIssuer } from './modules/auth/keys/foreign-issuer.js';
import { cacheTime } from './modules/auth/keys/key-state.js';
import { createKeys, type Keys, openVault } from './modules/auth/keys/keys.js';
import { retentionOf } from './modules/auth/revocation/retention.js';
import { RevocationFeed, revocationChannel } from './modules/auth/revocation/revocation-feed.js';
import { RevocationList } from './modules/auth/revocation/revocation-list.js';
import { TokenCodec } from './modules/auth/tokens/token-codec.js';
import { TokenVerifier } from './modules/auth/tokens/token-verifier.js';
import { createServices, entities, type Services } from './modules/index.js';
import type { SmtpTimeouts } from './modules/mail/smtp.transport.js';
import type { Argon2Parameters } from './modules/users/password-hasher.js';

/** What tests replace. */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly database?: Partial<DatabaseDefinition>;
  readonly extensions?: Extensions;
  /** How long an extension may take to answer, in milliseconds. */
  readonly extensionTimeout?: number;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** How often the outbox is looked into, in milliseconds; 0: never by itself. */
  readonly outboxInterval?: number;
  readonly argon2?: Argon2Parameters;
  readonly smtpTimeouts?: Partial<SmtpTimeouts>;
}

/** A mail leaves at most this late, in milliseconds, after the transaction that wrote it has committed. */
const outboxInterval = 1_000;

/** The whole program; any number of them may live in one process. */
export interface App {
  readonly logger: Logger;
  readonly database: Database;
  readonly services: Services;
  readonly schema: GraphQLSchema;
  readonly http: FastifyInstance;
  /** Where it listens, once started. */
  readonly url: string;
  /** Listens, waits for the database, migrates it and resolves when ready to serve; until then all is answered 503. */
  start(): Promise<void>;
  /** Lets the requests in flight finish, then closes the connections and the database; also before `start`. */
  stop(): Promise<void>;
}

/** Puts the program together, by hand and in one place; throws when the embedded database is in use. */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const logger = overrides.logger ?? (await createLogger(config));
  const vault = await openVault(config);
  const { trustedDocuments: manifest } = config.graphql;
  const trustedDocuments = manifest === null ? null : await TrustedDocuments.read(manifest);
  const database = await openDatabase(config.database, {
    entities,
    migrations,
    log: (message) => logger.warn(message),
    ...overrides.database,
  });
  try {
    const fork = () => database.fork();
    const channel = (name: string) => createNotificationChannel(database, name);
    const keys = await createKeys(config, vault, { fork, clock, logger, channel });
    const { token, port } = config.metrics;
    const exporter = token !== null || port > 0 ? await createExporter() : null;
    return assemble({ config, overrides, clock, logger, keys, database, trustedDocuments, exporter });
  } catch (error) {
    // The first fault is the one to tell.
    await database.close().catch(() => undefined);
    throw error;
  }
}

interface Foundation {
  readonly config: Config;
  readonly overrides: AppOverrides;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keys: Keys;
  readonly database: Database;
  readonly trustedDocuments: TrustedDocuments | null;
  /** Null where nobody wants metrics. */
  readonly exporter: Exporter | null;
}

function assemble(foundation: Foundation): App {
  const { config, overrides, clock, logger, keys, database, trustedDocuments, exporter } = foundation;
  const { tokens } = config;
  const extensions = overrides.extensions ?? ownExtensions;
  const retention = retentionOf(tokens);
  const codec = new TokenCodec(keys.ring, tokens, clock);
  const verifier = new TokenVerifier(codec, keys.ring, foreignIssuer(config, clock, logger));
  const revocations = new RevocationList(retention);
  const channel = createNotificationChannel(database, revocationChannel);
  const feed = new RevocationFeed(channel, revocations, retention, () => database.fork(), logger);
  const authenticator = new Authenticator(verifier, revocations, feed, tokens, isDatabaseUnavailable);
  const services = createServices({
    config,
    fork: () => database.fork(),
    extensions,
    extensionTimeout: overrides.extensionTimeout,
    clock,
    logger,
    metrics: exporter?.metrics ?? noMetrics,
    keys: keys.derivation,
    codec,
    verifier,
    revocations,
    retention,
    argon2: overrides.argon2,
    smtpTimeouts: overrides.smtpTimeouts,
  });
  const schema = createSchema(services);
  exporter?.watch(stateOf({ database, services, feed, ring: keys.ring }));
  const metrics = exporter?.metrics;
  const graphql = createApolloServer({ schema, config, clock, logger, isDatabaseUnavailable, metrics });
  const outbox = {
    start: async () => services.outbox.start(overrides.outboxInterval ?? outboxInterval),
    stop: async () => {
      await services.outbox.stop();
      services.mailTransport.close();
    },
  };
  const lifecycle = new Lifecycle(config, database, { keys, feed, outbox }, services.flush, logger);

  async function createContext({
    info,
    authorization,
    refreshCookie,
    deviceCookie,
    expired,
  }: IncomingRequest): Promise<RequestContext> {
    if (!lifecycle.serving) throw serviceUnavailable(1_000);
    const fork = () => database.fork();
    const viewer = await authenticator.authenticate(authorization, fork);
    return new GraphQLContext(
      viewer,
      info,
      refreshCookie,
      deviceCookie,
      fork,
      (sessionId) => revocations.hasEnded(sessionId),
      expired,
    );
  }

  const http = createHttpServer({
    config,
    logger,
    trustedDocuments,
    graphql,
    createContext,
    readiness: async () => lifecycle.serving && keys.ring.canSign() && (await pendingMigrations(database)).length === 0,
    jwks: () => keys.ring.jwks(),
    jwksMaxAge: cacheTime(config.keys.overlap),
    metrics: exporter?.metrics,
    scrapes: exporter && config.metrics.token !== null ? { ...exporter, token: config.metrics.token } : undefined,
    ...(overrides.timeouts && { timeouts: overrides.timeouts }),
  });

  const metricsServer =
    exporter && config.metrics.port > 0 ? createMetricsServer(config.metrics, exporter, logger) : null;

  let graphqlRuns = false;
  return {
    logger,
    database,
    services,
    schema,
    http,
    get url() {
      return urlOf(http);
    },
    async start() {
      await graphql.start();
      graphqlRuns = true;
      await http.listen({ host: config.http.host, port: config.http.port });
      await metricsServer?.start();
      await lifecycle.start();
    },
    async stop() {
      try {
        await http.close();
      } finally {
        try {
          await metricsServer?.stop();
          if (graphqlRuns) await graphql.stop();
        } finally {
          exporter?.stop();
          await lifecycle.stop();
        }
      }
    },
  };
}

function urlOf(http: FastifyInstance): string {
  const { address, family, port } = http.server.address() as AddressInfo;
  const everywhere = address === '0.0.0.0' || address === '::';
  if (everywhere || address === '127.0.0.1' || address === '::1') return `http://localhost:${port}`;
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
}
