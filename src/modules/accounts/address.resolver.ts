import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { requireUser } from '../../common/require-user.js';
import { originOf } from '../security-events/event-origin.js';
import { User } from '../users/user.entity.js';
import type { UserRow } from '../users/user.queries.js';
import type { AddressService } from './address.service.js';
import { ChangeEmailInput } from './address.types.js';

@Resolver()
export class AddressResolver {
  constructor(private readonly service: AddressService) {}

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Mails a new link that verifies the caller’s address, and ends the links before; RATE_LIMITED within a minute of the last time. Also true, without a mail, where the address is verified already.',
  })
  async requestEmailVerification(@Ctx() context: RequestContext): Promise<boolean> {
    await this.service.requestVerification(context.em, requireUser(context.viewer));
    return true;
  }

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Mails a link to the new address, and a notice to the old one, which stays until the link is used. A change that was begun before comes to nothing. INVALID_CREDENTIALS for a wrong password; CONFLICT if the address is taken; RATE_LIMITED after five in an hour.',
  })
  async changeEmail(
    @Arg('input', () => ChangeEmailInput) input: ChangeEmailInput,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.service.change(context.em, requireUser(context.viewer), input, originOf(context));
    return true;
  }

  @ChecksCredentials()
  @Mutation(() => User, {
    description:
      'Verifies the address that the link with this token was mailed to, and completes `changeEmail`. Nobody needs to be signed in. TOKEN_NOT_VALID with the reason; CONFLICT if somebody else has the address by now.',
  })
  async verifyEmail(
    @Arg('token', () => String, { description: 'What the link has after `#token=`.' }) token: string,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    const user = await this.service.verify(context.em, token, originOf(context));
    context.provenUserIds.add(user.id);
    return user;
  }
}
