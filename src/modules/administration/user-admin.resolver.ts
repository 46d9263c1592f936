import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import type { Connection } from '../../common/pagination/connection.js';
import type { Role } from '../../common/viewer.js';
import { LogoutPayload } from '../auth/auth.types.js';
import { originOf } from '../security-events/event-origin.js';
import { roles, User } from '../users/user.entity.js';
import type { UserRow } from '../users/user.queries.js';
import type { UserAdminService } from './user-admin.service.js';
import { UserConnection, UsersArguments } from './user-admin.types.js';

@Resolver()
export class UserAdminResolver {
  constructor(private readonly service: UserAdminService) {}

  @Query(() => UserConnection, { description: 'All users, newest first. For admins.' })
  users(@Args(() => UsersArguments) args: UsersArguments, @Ctx() context: RequestContext): Connection<UserRow> {
    return this.service.page(context.em, args);
  }

  @Mutation(() => User, {
    description:
      'Gives a user another role, for admins. Access tokens with the old one end at once (reason REVOKED), and a refresh gives out a new one. CONFLICT if no active admin would be left.',
  })
  setUserRole(
    @Arg('id', () => ID, { description: 'The user’s id.' }) id: string,
    @Arg('role', () => roles, { description: 'The role from now on.' }) role: Role,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    return this.service.setRole(context.em, id, role, originOf(context));
  }

  @Mutation(() => User, {
    description:
      'Closes an account, which ends all of its sessions and tokens at once, or opens it again. For admins. CONFLICT if no active admin would be left.',
  })
  async setUserActive(
    @Arg('id', () => ID, { description: 'The user’s id.' }) id: string,
    @Arg('active', () => Boolean, { description: 'Whether the user may sign in from now on.' }) active: boolean,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    const user = await this.service.setActive(context.em, id, active, originOf(context));
    // An admin who closes their own account is signed out by it, and still gets the answer.
    context.provenUserIds.add(user.id);
    return user;
  }

  @Mutation(() => LogoutPayload, { description: 'Ends all sessions of a user, with their tokens. For admins.' })
  async revokeUserSessions(
    @Arg('userId', () => ID, { description: 'The user’s id.' }) userId: string,
    @Ctx() context: RequestContext,
  ): Promise<LogoutPayload> {
    return { sessionsEnded: await this.service.revokeSessions(context.em, userId, originOf(context)) };
  }
}
