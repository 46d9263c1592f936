import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { ChecksCredentials } from '../../../common/credential-check.js';
import { TokenPair } from '../auth.types.js';
import { CompletePasskeySignInInput, PasskeyChallenge } from './passkey.types.js';
import type { PasskeySignIn } from './passkey-sign-in.service.js';

@Resolver()
export class PasskeySignInResolver {
  constructor(private readonly service: PasskeySignIn) {}

  @Mutation(() => PasskeyChallenge, {
    description: 'Begins to sign in by passkey, without a name: what the browser is to have signed, within 5 minutes.',
  })
  startPasskeySignIn(): Promise<PasskeyChallenge> {
    return this.service.start();
  }

  @ChecksCredentials()
  @Mutation(() => TokenPair, {
    description:
      'Signs in by what a passkey has signed; no second factor is asked for. INVALID_CREDENTIALS, the same for an unknown passkey, a wrong signature and an inactive account; TOKEN_NOT_VALID for a challenge that was used or whose time is over; RATE_LIMITED after too many failures.',
  })
  completePasskeySignIn(
    @Arg('input', () => CompletePasskeySignInInput) input: CompletePasskeySignInInput,
    @Ctx() context: RequestContext,
  ): Promise<TokenPair> {
    return this.service.complete(context, input);
  }
}
