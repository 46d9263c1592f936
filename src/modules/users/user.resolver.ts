import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { requireUser } from '../../common/require-user.js';
import { User } from './user.entity.js';
import { userLoader } from './user.loader.js';
import type { UserRow } from './user.queries.js';
import type { UserService } from './user.service.js';
import { RegisterInput } from './user.types.js';

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

  @Mutation(() => User, { description: 'Makes an account; CONFLICT if the user name or the address is taken.' })
  async register(
    @Arg('input', () => RegisterInput) input: RegisterInput,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    const user = await this.service.register(context.em, input);
    context.provenUserIds.add(user.id);
    return user;
  }
}
