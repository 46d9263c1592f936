import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { assertThat, unauthenticated } from '../../common/errors.js';
import { requireUser } from '../../common/require-user.js';
import { User } from './user.entity.js';
import { userLoader } from './user.loader.js';
import { findUserByUsername, findUsersByIds, type UserRow } from './user.queries.js';
import type { UserService } from './user.service.js';
import { RegisterInput } from './user.types.js';

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly users: UserService) {}

  @Query(() => User, { nullable: true, description: 'The caller.' })
  async me(@Ctx() context: RequestContext): Promise<UserRow> {
    const [user] = await findUsersByIds(context.em, [requireUser(context.viewer).id]);
    // An access token can outlive its user by the moment that the news of the deletion takes.
    assertThat(user, () => unauthenticated('REVOKED'));
    context.once(userLoader).prime(user.id, user);
    return user;
  }

  @Query(() => User, { nullable: true, description: 'The user of that name, without regard to case; else null.' })
  user(@Arg('username', () => String) username: string, @Ctx() context: RequestContext): Promise<UserRow | null> {
    return findUserByUsername(context.em, username);
  }

  @Mutation(() => User, { description: 'Makes an account; CONFLICT if the user name or the address is taken.' })
  async register(
    @Arg('input', () => RegisterInput) input: RegisterInput,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    const user = await this.users.register(context.em, input);
    context.provenUserIds.add(user.id);
    return user;
  }
}
