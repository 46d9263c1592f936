import type { AddressInfo } from 'node:net';
import { EntityManager } from '@mikro-orm/sql';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { type Logger, pino } from 'pino';
import { systemClock } from '../../src/common/clock.js';
import type { RequestContext } from '../../src/common/context.js';
import { forbidden, PosternError } from '../../src/common/errors.js';
import type { Config } from '../../src/config.js';
import { createApolloServer } from '../../src/graphql/apollo.js';
import type { HttpServerOptions, HttpTimeouts, IncomingRequest } from '../../src/http/options.js';
import { createHttpServer } from '../../src/http/server.js';

type TestConfig = Pick<Config, 'environment' | 'graphql'> & HttpServerOptions['config'];

class DatabaseAway extends Error {}

interface TestOptions {
  readonly environment?: Config['environment'];
  readonly http?: Partial<Config['http']>;
  readonly mail?: Partial<Config['mail']>;
  readonly authHeaderName?: string;
  readonly timeouts?: Partial<HttpTimeouts>;
  readonly jwks?: () => object;
  readonly readiness?: () => Promise<boolean>;
  readonly createContext?: HttpServerOptions['createContext'];
  readonly slow?: () => Promise<unknown>;
  readonly onRequest?: (request: IncomingRequest) => void;
}

export interface TestHttp {
  readonly app: FastifyInstance;
  /** Everything logged so far, parsed. */
  readonly lines: Record<string, unknown>[];
  post(payload: unknown, headers?: Record<string, string>, more?: InjectOptions): Promise<LightMyRequestResponse>;
  listen(): Promise<number>;
  close(): Promise<void>;
}

/** An HTTP server over a small schema whose resolvers fail in every way there is. */
export async function startHttp(options: TestOptions = {}): Promise<TestHttp> {
  const lines: Record<string, unknown>[] = [];
  const logger = collectingLogger(lines);
  const config = testConfig(options);
  const graphql = createApolloServer({
    schema: testSchema(options.slow),
    config,
    clock: systemClock,
    logger,
    isDatabaseUnavailable: (error) => error instanceof DatabaseAway,
  });
  await graphql.start();
  const app = createHttpServer({
    config,
    logger,
    trustedDocuments: null,
    graphql,
    createContext:
      options.createContext ??
      (async (request) => {
        options.onRequest?.(request);
        return testContext(request);
      }),
    readiness: options.readiness ?? (async () => true),
    jwksMaxAge: 300_000,
    jwks: options.jwks ?? (() => ({ keys: [] })),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  return {
    app,
    lines,
    post: async (payload, headers = {}, more = {}) =>
      app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
        ...more,
      }),
    listen: async () => {
      await app.listen({ port: 0, host: '127.0.0.1' });
      const address = app.server.address();
      if (!isAddress(address)) throw new Error('The server has no port.');
      return address.port;
    },
    close: async () => {
      await app.close();
      await graphql.stop();
    },
  };
}

interface TestContext extends RequestContext {
  readonly authorization: string | undefined;
}

function testContext(request: Parameters<HttpServerOptions['createContext']>[0]): TestContext {
  return {
    viewer: { kind: 'anonymous', reason: 'MISSING' },
    request: request.info,
    authorization: request.authorization,
    refreshCookie: request.refreshCookie,
    deviceCookie: request.deviceCookie,
    em: Object.create(EntityManager.prototype),
    provenUserIds: new Set(),
    once: (factory) => factory(testContext(request)),
  };
}

function testConfig(options: TestOptions): TestConfig {
  return {
    environment: options.environment ?? 'test',
    graphql: {
      introspection: true,
      // The most that QUERY_TOKEN_LIMIT may be, so that what lies behind it is tested.
      limits: { tokens: 15_000, depth: 15, aliases: 50, rootFields: 20, directives: 50, cost: 10_000 },
      trustedDocuments: null,
      costLimits: { network: { cost: 1_000_000, window: 10_000 }, user: { cost: 1_000_000, window: 10_000 } },
    },
    http: {
      host: '127.0.0.1',
      port: 0,
      corsOrigins: ['https://app.example'],
      trustProxy: false,
      publicUrl: 'https://postern.example.com',
      shutdownTimeout: 1_000,
      eventLoopDelayLimit: 0,
      ...options.http,
    },
    mail: {
      smtpUrl: null,
      from: 'Postern <postern@example.com>',
      language: 'en',
      requireVerifiedEmail: false,
      ...options.mail,
    },
    tokens: {
      algorithm: 'HS256',
      signingKey: null,
      verifyingKey: null,
      issuer: null,
      audience: [],
      leeway: 0,
      accessTokenLifetime: 300_000,
      refreshTokenLifetime: 86_400_000,
      rotateRefreshTokens: true,
      blacklistAfterRotation: true,
      updateLastLogin: true,
      rotationGracePeriod: 10_000,
      authHeaderTypes: ['Bearer'],
      authHeaderName: options.authHeaderName ?? 'Authorization',
      jwkUrl: null,
      authTokenClasses: ['access'],
      slidingTokenLifetime: 300_000,
      slidingTokenRefreshLifetime: 86_400_000,
      claims: { userId: 'user_id', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
    },
  };
}

function testSchema(slow: () => Promise<unknown> = () => Promise.resolve()): GraphQLSchema {
  const schema = buildSchema(`
    input Thing { number: Int, text: String }
    type Query {
      hello(name: String! = "world"): String
      request: String
      cookie: String
      authorization: String
      slow: String
      thing(input: Thing): String
      forbidden: String
      broken: String
      notAuthorised: String
      databaseAway: String
      shed: String!
      coded: String
      disguised: String
      required: String!
    }
    type Mutation { setCookie: Boolean clearCookie: Boolean }
    type Subscription { ticks: Int }
  `);
  const resolvers: Record<string, (args: Record<string, unknown>, context: TestContext) => unknown> = {
    hello: ({ name }) => `Hello, ${String(name)}!`,
    request: (_args, context) => JSON.stringify(context.request),
    cookie: (_args, context) => context.refreshCookie.value,
    authorization: (_args, context) => context.authorization ?? null,
    slow: () => slow().then(() => 'done'),
    thing: () => 'thing',
    forbidden: () => raise(forbidden()),
    broken: () => raise(new TypeError('secret of the house')),
    notAuthorised: () => raise(new Error('Not Authorised!')),
    databaseAway: () => raise(new DatabaseAway('connect ECONNREFUSED 10.0.0.1:5432')),
    shed: () => raise(shedLoad()),
    coded: () => raise(new GraphQLError('too deep', { extensions: { code: 'QUERY_TOO_COMPLEX' } })),
    disguised: () => raise(Object.assign(new Error('secret'), { extensions: { code: 'BAD_USER_INPUT' } })),
    required: () => null,
    setCookie: (_args, context) => {
      context.refreshCookie.set('token.of.refreshing', new Date('2030-01-02T03:04:05Z'));
      return true;
    },
    clearCookie: (_args, context) => {
      context.refreshCookie.clear();
      return true;
    },
  };
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const [name, field] of Object.entries(type?.getFields() ?? {})) {
      field.resolve = (_source, args, context) => resolvers[name]?.(args, context);
    }
  }
  return schema;
}

function shedLoad(): PosternError {
  const http = { status: 503, headers: new Map([['retry-after', '3']]) };
  return new PosternError('SERVICE_UNAVAILABLE', 'Too busy.', { retryAfter: 3, http });
}

function raise(error: Error): never {
  throw error;
}

function collectingLogger(lines: Record<string, unknown>[]): Logger {
  return pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
