import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import type { Connection } from '../../common/pagination/connection.js';
import { originOf } from '../security-events/event-origin.js';
import { User } from '../users/user.entity.js';
import { userLoader } from '../users/user.loader.js';
import type { UserRow } from '../users/user.queries.js';
import type { OutstandingTokenService } from './outstanding-token.service.js';
import { OutstandingToken, OutstandingTokenConnection, OutstandingTokensArguments } from './outstanding-token.types.js';

@Resolver(() => OutstandingToken)
export class OutstandingTokenResolver {
  constructor(private readonly service: OutstandingTokenService) {}

  @Query(() => OutstandingTokenConnection, {
    description: 'All refresh tokens, until they are flushed: the last to expire first. For admins.',
  })
  outstandingTokens(
    @Args(() => OutstandingTokensArguments) args: OutstandingTokensArguments,
    @Ctx() context: RequestContext,
  ): Connection<OutstandingToken> {
    return this.service.page(context.em, args);
  }

  @Mutation(() => OutstandingToken, {
    description:
      'Ends a refresh token with its whole session, at once; one that is blacklisted already is answered as it is. For admins.',
  })
  async blacklistToken(
    @Arg('jti', () => ID, { description: 'The token’s id.' }) jti: string,
    @Ctx() context: RequestContext,
  ): Promise<OutstandingToken> {
    const token = await this.service.blacklist(context.em, jti, originOf(context));
    // An admin who ends their own session is signed out by it, and still gets the answer.
    context.provenUserIds.add(token.userId);
    return token;
  }

  @FieldResolver(() => User, { description: 'Whose it is.' })
  user(@Root('userId') userId: string, @Ctx() context: RequestContext): Promise<UserRow> {
    return context.once(userLoader).load(userId);
  }
}
