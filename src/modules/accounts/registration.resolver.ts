import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { User } from '../users/user.entity.js';
import type { UserRow } from '../users/user.queries.js';
import type { RegistrationService } from './registration.service.js';
import { RegisterInput } from './registration.types.js';

@Resolver()
export class RegistrationResolver {
  constructor(private readonly service: RegistrationService) {}

  @ChecksCredentials()
  @Mutation(() => User, {
    description:
      'Makes an account, and mails a link that verifies its address; CONFLICT if the user name or the address is taken.',
  })
  async register(
    @Arg('input', () => RegisterInput) input: RegisterInput,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    const user = await this.service.register(context.em, input);
    context.provenUserIds.add(user.id);
    return user;
  }
}
