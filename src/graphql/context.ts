import type { EntityManager } from '@mikro-orm/sql';
import type { RequestContext, RequestInfo, TokenCookie } from '../common/context.js';
import { serviceUnavailable } from '../common/errors.js';
import type { Viewer } from '../common/viewer.js';

/** How long a client whose request took too long is told to wait, in milliseconds. */
const retryAfter = 2_000;

/** The context of one request; its EntityManager and loaders come to be when they are first asked for. */
export class GraphQLContext implements RequestContext {
  readonly provenUserIds = new Set<string>();
  private entityManager: EntityManager | undefined;
  private readonly made = new Map<unknown, unknown>();

  constructor(
    private readonly authenticated: Viewer,
    readonly request: RequestInfo,
    readonly refreshCookie: TokenCookie,
    readonly deviceCookie: TokenCookie,
    private readonly fork: () => EntityManager,
    private readonly hasEnded: (sessionId: string) => boolean,
    private readonly expired: () => boolean,
  ) {}

  get viewer(): Viewer {
    const { authenticated } = this;
    if (authenticated.kind === 'anonymous' || !this.hasEnded(authenticated.sessionId)) return authenticated;
    return { kind: 'anonymous', reason: 'REVOKED' };
  }

  /** Throws SERVICE_UNAVAILABLE once the request has been given up, so that nobody begins work that has no reader. */
  get em(): EntityManager {
    if (this.expired()) throw serviceUnavailable(retryAfter);
    this.entityManager ??= this.fork();
    return this.entityManager;
  }

  once<T>(factory: (context: RequestContext) => T): T {
    if (!this.made.has(factory)) this.made.set(factory, factory(this));
    return this.made.get(factory) as T;
  }
}
