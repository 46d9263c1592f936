import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { ChecksCredentials } from '../../../common/credential-check.js';
import { requireUser } from '../../../common/require-user.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import { User } from '../../users/user.entity.js';
import type { UserRow } from '../../users/user.queries.js';
import { TokenPair } from '../auth.types.js';
import { deliver } from '../refresh-cookie.js';
import type { ChallengeService } from './challenge.service.js';
import type { EnrolmentService } from './enrolment.service.js';
import type { FactorOwner } from './factor-change.js';
import {
  CompleteSecondFactorInput,
  ConfirmSecondFactorInput,
  DisableSecondFactorInput,
} from './second-factor.inputs.js';
import type { SecondFactorService } from './second-factor.service.js';
import {
  SecondFactorChallenge,
  SecondFactorConfirmation,
  SecondFactorEnrolment,
  secondFactorMethods,
} from './second-factor.types.js';

@Resolver()
export class SecondFactorResolver {
  constructor(
    private readonly challenges: ChallengeService,
    private readonly enrolments: EnrolmentService,
    private readonly factors: SecondFactorService,
  ) {}

  @ChecksCredentials()
  @Mutation(() => TokenPair, {
    description:
      'Ends a sign-in with a code. INVALID_CREDENTIALS for a wrong one; five of them end the challenge (TOKEN_NOT_VALID); RATE_LIMITED after too many for the account.',
  })
  async completeSecondFactor(
    @Arg('input', () => CompleteSecondFactorInput) input: CompleteSecondFactorInput,
    @Ctx() context: RequestContext,
  ): Promise<TokenPair> {
    const { tokens, cookie, device } = await this.challenges.complete(context.em, input, context.request);
    return deliver(context, tokens, cookie, device);
  }

  @ChecksCredentials()
  @Mutation(() => SecondFactorChallenge, {
    description:
      'Mails another code for the same sign-in; the one before is good for nothing then. RATE_LIMITED within 30 seconds. Neither tries nor time are added.',
  })
  resendSecondFactorCode(
    @Arg('challengeToken', () => String) challengeToken: string,
    @Ctx() context: RequestContext,
  ): Promise<SecondFactorChallenge> {
    return this.challenges.resend(context.em, challengeToken);
  }

  @ChecksCredentials()
  @Mutation(() => SecondFactorEnrolment, {
    description:
      'Begins to set up a second factor, EMAIL or TOTP; what was begun before ends. FORBIDDEN (SIGN_IN_TOO_OLD) unless the caller has signed in within ten minutes, or gives the password; RATE_LIMITED after ten in an hour.',
  })
  startSecondFactor(
    @Arg('method', () => secondFactorMethods) method: SecondFactorMethod,
    @Arg('password', () => String, { nullable: true }) password: string | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<SecondFactorEnrolment> {
    const request = { method, password: password ?? null };
    return this.enrolments.start(context.em, ownerOf(context), request);
  }

  @ChecksCredentials()
  @Mutation(() => SecondFactorConfirmation, {
    description:
      'Switches a second factor on with its first code, and answers with recovery codes if it is the first one. Every other session of the caller ends.',
  })
  confirmSecondFactor(
    @Arg('input', () => ConfirmSecondFactorInput) input: ConfirmSecondFactorInput,
    @Ctx() context: RequestContext,
  ): Promise<SecondFactorConfirmation> {
    return this.enrolments.confirm(context.em, ownerOf(context), input);
  }

  @ChecksCredentials()
  @Mutation(() => User, {
    description:
      'Switches a second factor off; recovery codes go with the last one. Every other session of the caller ends. NOT_FOUND for one that is not on.',
  })
  disableSecondFactor(
    @Arg('input', () => DisableSecondFactorInput) input: DisableSecondFactorInput,
    @Ctx() context: RequestContext,
  ): Promise<UserRow> {
    return this.factors.disable(context.em, ownerOf(context), input);
  }

  @ChecksCredentials()
  @Mutation(() => [String], {
    description:
      'Ten new recovery codes, shown this once; the old ones end, and so does every other session of the caller. NOT_FOUND where no second factor is on.',
  })
  regenerateRecoveryCodes(
    @Arg('password', () => String) password: string,
    @Ctx() context: RequestContext,
  ): Promise<string[]> {
    return this.factors.renewRecoveryCodes(context.em, ownerOf(context), password);
  }
}

function ownerOf({ viewer, request }: RequestContext): FactorOwner {
  return { viewer: requireUser(viewer), device: request };
}
