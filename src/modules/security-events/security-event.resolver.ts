import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import type { Connection } from '../../common/pagination/connection.js';
import { PageArguments } from '../../common/pagination/page-arguments.js';
import { requireUser } from '../../common/require-user.js';
import { User } from '../users/user.entity.js';
import { formerUserLoader } from '../users/user.loader.js';
import type { UserRow } from '../users/user.queries.js';
import { SecurityEventConnection } from './security-event.connection.js';
import { SecurityEvent } from './security-event.entity.js';
import { SecurityEventsArguments } from './security-event.inputs.js';
import type { SecurityEventService } from './security-event.service.js';

@Resolver(() => SecurityEvent)
export class SecurityEventResolver {
  constructor(private readonly service: SecurityEventService) {}

  @Query(() => SecurityEventConnection, { description: 'What happened to all accounts, newest first. For admins.' })
  securityEvents(
    @Args(() => SecurityEventsArguments) args: SecurityEventsArguments,
    @Ctx() context: RequestContext,
  ): Connection<SecurityEvent> {
    return this.service.page(context.em, args);
  }

  @Query(() => SecurityEventConnection, { description: 'What happened to your own account, newest first.' })
  mySecurityEvents(
    @Args(() => PageArguments) args: PageArguments,
    @Ctx() context: RequestContext,
  ): Connection<SecurityEvent> {
    return this.service.pageOfViewer(context.em, requireUser(context.viewer), args);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Whom it happened to; null if that account is gone.' })
  user(@Root('userId') id: string | null, @Ctx() context: RequestContext): Promise<UserRow | null> {
    return userOrNull(id, context);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'Who did it: the user or an admin; null if nobody signed in did, or that account is gone.',
  })
  actor(@Root('actorId') id: string | null, @Ctx() context: RequestContext): Promise<UserRow | null> {
    return userOrNull(id, context);
  }
}

async function userOrNull(id: string | null, context: RequestContext): Promise<UserRow | null> {
  return id === null ? null : context.once(formerUserLoader).load(id);
}
