import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { requireUser } from '../../common/require-user.js';
import type { AuthService } from './auth.service.js';
import { LogoutPayload, ObtainTokenInput, ObtainTokenResult, TokenInfo, TokenPair } from './auth.types.js';
import type { SecondFactorChallenge } from './second-factors/second-factor.types.js';

@Resolver()
export class AuthResolver {
  constructor(private readonly service: AuthService) {}

  @ChecksCredentials()
  @Mutation(() => ObtainTokenResult, {
    description:
      'Signs in, or asks for the second factor that is due. One session a sign-in. INVALID_CREDENTIALS, the same for an unknown user, a wrong password and an inactive account; RATE_LIMITED after too many failures.',
  })
  obtainToken(
    @Arg('input', () => ObtainTokenInput) input: ObtainTokenInput,
    @Ctx() context: RequestContext,
  ): Promise<TokenPair | SecondFactorChallenge> {
    return this.service.obtainToken(context, input);
  }

  @Mutation(() => TokenPair, {
    description:
      'Renews the pair within its session; without an argument, by the cookie. The old refresh token ends: used again within the grace period it answers with the same successor, later it ends the session (TOKEN_NOT_VALID, reason REUSED).',
  })
  refreshToken(
    @Arg('refreshToken', () => String, { nullable: true }) refreshToken: string | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<TokenPair> {
    return this.service.refreshToken(context, refreshToken ?? null);
  }

  @Mutation(() => TokenInfo, {
    description: 'What the token says, if it is valid now; else TOKEN_NOT_VALID with the reason.',
  })
  verifyToken(@Arg('token', () => String) token: string, @Ctx() context: RequestContext): Promise<TokenInfo> {
    return this.service.verifyToken(context, token);
  }

  @Mutation(() => Boolean, {
    description: "Ends the token's session (RFC 7009): possession is enough. Always true, also for a dead token.",
  })
  revokeToken(@Arg('token', () => String) token: string, @Ctx() context: RequestContext): Promise<boolean> {
    return this.service.revokeToken(context, token);
  }

  @Mutation(() => LogoutPayload, {
    description: "Ends the caller's current session, or the session of one of their tokens, or all of their sessions.",
  })
  logout(
    @Arg('refreshToken', () => String, { nullable: true }) refreshToken: string | null | undefined,
    @Arg('all', () => Boolean, { defaultValue: false }) all: boolean,
    @Ctx() context: RequestContext,
  ): Promise<LogoutPayload> {
    return this.service.logout(context, requireUser(context.viewer), { refreshToken: refreshToken ?? null, all });
  }
}
