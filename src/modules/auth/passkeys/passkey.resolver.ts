import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { ChecksCredentials } from '../../../common/credential-check.js';
import { requireUser } from '../../../common/require-user.js';
import { Passkey } from './passkey.entity.js';
import type { PasskeyRow } from './passkey.queries.js';
import type { PasskeyService } from './passkey.service.js';
import { FinishPasskeyRegistrationInput, PasskeyChallenge } from './passkey.types.js';

@Resolver()
export class PasskeyResolver {
  constructor(private readonly service: PasskeyService) {}

  @ChecksCredentials()
  @Mutation(() => PasskeyChallenge, {
    description:
      'Begins to add a passkey: what the browser is to make one from, within 5 minutes. Needs a sign-in of the last 10 minutes, or the password; CONFLICT where the caller has 20; RATE_LIMITED after thirty in an hour.',
  })
  startPasskeyRegistration(
    @Arg('password', () => String, { nullable: true }) password: string | null | undefined,
    @Ctx() { viewer, em, request }: RequestContext,
  ): Promise<PasskeyChallenge> {
    return this.service.startRegistration(em, requireUser(viewer), password ?? null, request);
  }

  @ChecksCredentials()
  @Mutation(() => Passkey, {
    description:
      'Adds the passkey that the browser has made, and tells the user by mail. BAD_USER_INPUT where it cannot be verified; TOKEN_NOT_VALID; CONFLICT where it is known.',
  })
  finishPasskeyRegistration(
    @Arg('input', () => FinishPasskeyRegistrationInput) input: FinishPasskeyRegistrationInput,
    @Ctx() { viewer, em, request }: RequestContext,
  ): Promise<PasskeyRow> {
    return this.service.finishRegistration(em, requireUser(viewer), input, request);
  }

  @ChecksCredentials()
  @Mutation(() => Passkey, {
    description:
      'Removes one of the caller’s passkeys, ends all other sessions, and tells the user by mail. Needs a sign-in of the last 10 minutes, or the password; NOT_FOUND for any other id.',
  })
  removePasskey(
    @Arg('id', () => ID) id: string,
    @Arg('password', () => String, { nullable: true }) password: string | null | undefined,
    @Ctx() { viewer, em, request }: RequestContext,
  ): Promise<PasskeyRow> {
    return this.service.remove(em, requireUser(viewer), id, password ?? null, request);
  }
}
