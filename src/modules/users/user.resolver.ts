import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { requireUser } from '../../common/require-user.js';
import { User } from './user.entity.js';
import { userLoader } from './user.loader.js';
import type { UserRow } from './user.queries.js';
import type { UserService } from './user.service.js';

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly service: UserService) {}

  @Query(() => User, { nullable: true, description: 'The caller.' })
  async me(@Ctx() context: RequestContext): Promise<UserRow> {
    const user = await this.service.caller(context.em, requireUser(context.viewer));
    context.once(userLoader).prime(user.id, user);
    return user;
  }

  @Query(() => User, { nullable: true, description: 'The user of that name, without regard to case; else null.' })
  user(@Arg('username', () => String) username: string, @Ctx() context: RequestContext): Promise<UserRow | null> {
    return this.service.byUsername(context.em, username);
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the user has shown that the address is theirs; visible like `email`.',
  })
  emailVerified(@Root('emailVerifiedAt') verifiedAt: Date | null): boolean {
    return verifiedAt !== null;
  }
}
