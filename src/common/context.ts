import type { EntityManager } from '@mikro-orm/sql';
import type { Viewer } from './viewer.js';

/** What a request tells of its sender. */
export interface RequestInfo {
  readonly id: string;
  /** The client's address, after TRUST_PROXY; never a forwarded header that was not trusted. */
  readonly ipAddress: string;
  readonly userAgent: string | null;
  /** Whether the `Origin` header names an allowed origin or the server's own. */
  readonly originAllowed: boolean;
}

/** A cookie that carries a token, as it came and as it is to be answered. */
export interface TokenCookie {
  readonly value: string | null;
  set(token: string, expiresAt: Date): void;
  clear(): void;
}

/** What every resolver and rule of one request shares. */
export interface RequestContext {
  /** Anonymous from the moment that the caller's session ends, be it within this very request. */
  readonly viewer: Viewer;
  readonly request: RequestInfo;
  readonly refreshCookie: TokenCookie;
  /** What makes a remembered device known again. */
  readonly deviceCookie: TokenCookie;
  /** Forked at first use, so that a request which needs no database costs none. */
  readonly em: EntityManager;
  /** The users who proved themselves within this request: inside `register` and `TokenPair` they count as signed in. */
  readonly provenUserIds: Set<string>;
  /** Runs the factory once a request and keeps what it made, as for DataLoaders. */
  once<T>(factory: (context: RequestContext) => T): T;
}
