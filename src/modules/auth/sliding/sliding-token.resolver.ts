import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { ChecksCredentials } from '../../../common/credential-check.js';
import type { SlidingTokenService } from './sliding-token.service.js';
import { ObtainSlidingTokenInput, SlidingToken } from './sliding-token.types.js';

@Resolver()
export class SlidingTokenResolver {
  constructor(private readonly service: SlidingTokenService) {}

  @ChecksCredentials()
  @Mutation(() => SlidingToken, {
    description:
      'Signs in for a token that renews itself. FORBIDDEN unless the server has sliding tokens (JWT_AUTH_TOKEN_CLASSES), and where a second factor is due: use `obtainToken` then.',
  })
  obtainSlidingToken(
    @Arg('input', () => ObtainSlidingTokenInput) input: ObtainSlidingTokenInput,
    @Ctx() context: RequestContext,
  ): Promise<SlidingToken> {
    return this.service.obtain(context, input);
  }

  @Mutation(() => SlidingToken, {
    description:
      'The same token with a new expiry, and claims as they are now; until its `refreshExpiresAt`, also after it has expired.',
  })
  refreshSlidingToken(
    @Arg('token', () => String) token: string,
    @Ctx() context: RequestContext,
  ): Promise<SlidingToken> {
    return this.service.refresh(context, token);
  }
}
