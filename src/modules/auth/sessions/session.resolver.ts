import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { requireUser } from '../../../common/require-user.js';
import { Session } from './session.entity.js';
import type { SessionRow } from './session.queries.js';
import type { SessionService } from './session.service.js';

@Resolver(() => Session)
export class SessionResolver {
  constructor(private readonly service: SessionService) {}

  @Query(() => [Session], { description: "The caller's live sessions, newest first." })
  sessions(@Ctx() context: RequestContext): Promise<SessionRow[]> {
    return this.service.list(context.em, requireUser(context.viewer));
  }

  @Mutation(() => Session, { description: "Ends one of the caller's sessions; NOT_FOUND for any other id." })
  revokeSession(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<SessionRow> {
    return this.service.revoke(context.em, requireUser(context.viewer), id);
  }

  @FieldResolver(() => Boolean, { description: 'Whether the request itself belongs to this session.' })
  current(@Root() session: SessionRow, @Ctx() { viewer }: RequestContext): boolean {
    return viewer.kind === 'user' && viewer.sessionId === session.id;
  }
}
