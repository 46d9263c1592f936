import type { ApolloServer } from '@apollo/server';
import type { Logger } from 'pino';
import type { RequestContext, RequestInfo, TokenCookie } from '../common/context.js';
import type { Metrics } from '../common/metrics.js';
import type { Config } from '../config.js';
import type { Scrapes } from './metrics-route.js';
import type { TrustedDocuments } from './trusted-documents.js';

/** What a context is made from: all that the GraphQL side learns of the HTTP request. */
export interface IncomingRequest {
  readonly info: RequestInfo;
  /** The raw header named by JWT_AUTH_HEADER_NAME. */
  readonly authorization: string | undefined;
  readonly refreshCookie: TokenCookie;
  readonly deviceCookie: TokenCookie;
  /** Whether the request took too long and has been answered so: what it has yet to begin would be for nobody. */
  expired(): boolean;
}

/** Limits of the transport, in milliseconds. */
export interface HttpTimeouts {
  /** From a request's first byte to its answer. */
  readonly request: number;
  readonly headers: number;
  /** Longer than the 60 s of common load balancers, so that the server is never the first to hang up. */
  readonly keepAlive: number;
  /** How often connections are looked at; a timeout is late by as much. */
  readonly check: number;
  readonly readiness: number;
}

export const defaultTimeouts: HttpTimeouts = {
  request: 30_000,
  headers: 15_000,
  keepAlive: 65_000,
  check: 1_000,
  readiness: 1_500,
};

export interface HttpServerOptions {
  readonly config: Pick<Config, 'environment' | 'http' | 'mail' | 'tokens'>;
  readonly logger: Logger;
  /** Those that alone may be run; null: all may. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** Must have been started before the first request. */
  readonly graphql: ApolloServer<RequestContext>;
  createContext(request: IncomingRequest): Promise<RequestContext>;
  /** Whether the database answers and no migration is pending; may throw or hang. */
  readiness(): Promise<boolean>;
  /** The public verification keys (RFC 7517, section 5); throws SERVICE_UNAVAILABLE before they are known. */
  jwks(): object;
  /** For how long caches may keep them, in milliseconds. */
  readonly jwksMaxAge: number;
  /** What counts requests, if anything does. */
  readonly metrics?: Metrics | undefined;
  /** What /metrics answers with to whoever has the token; without it there is no such route. */
  readonly scrapes?: (Scrapes & { readonly token: string }) | undefined;
  /** Shorter limits, for tests. */
  readonly timeouts?: Partial<HttpTimeouts>;
}
