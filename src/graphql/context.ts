import type { EntityManager } from '@mikro-orm/sql';
import type { RefreshCookie, RequestContext, RequestInfo } from '../common/context.js';
import type { Viewer } from '../common/viewer.js';

/** The context of one request; its EntityManager and loaders come to be when they are first asked for. */
export class GraphQLContext implements RequestContext {
  readonly provenUserIds = new Set<string>();
  private entityManager: EntityManager | undefined;
  private readonly made = new Map<unknown, unknown>();

  constructor(
    readonly viewer: Viewer,
    readonly request: RequestInfo,
    readonly refreshCookie: RefreshCookie,
    private readonly fork: () => EntityManager,
  ) {}

  get em(): EntityManager {
    this.entityManager ??= this.fork();
    return this.entityManager;
  }

  once<T>(factory: (context: RequestContext) => T): T {
    if (!this.made.has(factory)) this.made.set(factory, factory(this));
    return this.made.get(factory) as T;
  }
}
