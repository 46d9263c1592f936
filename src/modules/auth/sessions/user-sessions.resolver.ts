import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import type { Connection } from '../../../common/pagination/connection.js';
import { PageArguments } from '../../../common/pagination/page-arguments.js';
import { batchedReads } from '../../../common/pagination/read-rows.js';
import { User } from '../../users/user.entity.js';
import type { SessionView } from './session.list.js';
import type { SessionService } from './session.service.js';
import { SessionConnection } from './session.types.js';

/** `User.sessions`, kept here so that users know nothing of sessions. */
@Resolver(() => User)
export class UserSessionsResolver {
  constructor(private readonly service: SessionService) {}

  @FieldResolver(() => SessionConnection, {
    description: 'The user’s live sessions, newest first. For the user and admins only.',
  })
  sessions(
    @Root('id') userId: string,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: RequestContext,
  ): Connection<SessionView> {
    return this.service.pageOfUser(context.once(batchedReads), context.viewer, userId, page);
  }
}
