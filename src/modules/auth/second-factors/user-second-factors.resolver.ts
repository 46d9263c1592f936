import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { User } from '../../users/user.entity.js';
import { secondFactorLoader } from './second-factor.loader.js';
import { SecondFactor } from './second-factor.types.js';

/** `User.secondFactors`, kept here so that users know nothing of signing in. */
@Resolver(() => User)
export class UserSecondFactorsResolver {
  @FieldResolver(() => [SecondFactor], {
    description: 'The second factors that the user has set up. For the user and admins only.',
  })
  secondFactors(@Root('id') userId: string, @Ctx() context: RequestContext): Promise<SecondFactor[]> {
    return context.once(secondFactorLoader).load(userId);
  }
}
