import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { TokenPair } from '../auth/auth.types.js';
import { originOf } from '../security-events/event-origin.js';
import { ChangePasswordInput, ResetPasswordInput } from './password.types.js';
import type { PasswordChangeService } from './password-change.service.js';
import type { PasswordResetService } from './password-reset.service.js';

@Resolver()
export class PasswordResolver {
  constructor(
    private readonly changes: PasswordChangeService,
    private readonly resets: PasswordResetService,
  ) {}

  @ChecksCredentials()
  @Mutation(() => TokenPair, {
    description:
      'Gives the caller another password. Every other session ends at once; this one goes on with the pair in the answer, whose refresh token comes as the cookie if this session’s did. INVALID_CREDENTIALS for a wrong current password.',
  })
  changePassword(
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
    @Ctx() context: RequestContext,
  ): Promise<TokenPair> {
    return this.changes.change(context, input);
  }

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Mails a link to another password, good for an hour, if an account has the address. Always true, for nobody is to learn whether one has; RATE_LIMITED after too many requests.',
  })
  async requestPasswordReset(
    @Arg('email', () => String, { description: 'The address of the account, without regard to case.' }) email: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.resets.request(context.em, email, originOf(context));
    return true;
  }

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Gives the account another password by the token of a mail. Every session ends; signing in then takes the second factor as before. TOKEN_NOT_VALID with the reason.',
  })
  async resetPassword(
    @Arg('input', () => ResetPasswordInput) input: ResetPasswordInput,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.resets.reset(context.em, input, originOf(context));
    return true;
  }
}
