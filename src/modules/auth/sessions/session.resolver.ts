import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { requireUser } from '../../../common/require-user.js';
import { originOf } from '../../security-events/event-origin.js';
import { Session } from './session.entity.js';
import type { SessionView } from './session.list.js';
import type { SessionService } from './session.service.js';

@Resolver(() => Session)
export class SessionResolver {
  constructor(private readonly service: SessionService) {}

  @Query(() => [Session], { description: "The caller's live sessions, newest first." })
  sessions(@Ctx() context: RequestContext): Promise<SessionView[]> {
    return this.service.list(context.em, requireUser(context.viewer));
  }

  @Mutation(() => Session, { description: "Ends one of the caller's sessions; NOT_FOUND for any other id." })
  revokeSession(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<SessionView> {
    return this.service.revoke(context.em, requireUser(context.viewer), id, originOf(context));
  }
}
