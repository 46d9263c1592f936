import type { Clock } from '../../../common/clock.js';
import type { RequestContext } from '../../../common/context.js';
import { assertThat, forbidden, tokenNotValid } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { TokenSettings } from '../../../config.js';
import { isActiveUser } from '../../users/user.queries.js';
import { countRefresh } from '../auth.metrics.js';
import type { Admission } from '../sign-in/admission.js';
import type { SignInInput } from '../sign-in/password-check.js';
import type { SignInService } from '../sign-in/sign-in.service.js';
import type { TokenIssuer } from '../tokens/token-issuer.js';
import type { TokenReader } from '../tokens/token-reader.js';
import { useSession } from './sliding-token.queries.js';
import type { SlidingToken } from './sliding-token.types.js';

/** SimpleJWT's sliding tokens: off unless JWT_AUTH_TOKEN_CLASSES has them; docs/sliding-tokens.md weighs them. */
export class SlidingTokenService {
  constructor(
    private readonly signIn: SignInService,
    private readonly reader: TokenReader,
    private readonly issuer: TokenIssuer,
    private readonly admission: Admission,
    private readonly settings: Pick<TokenSettings, 'authTokenClasses'>,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** As `obtainToken` does, with the same errors; FORBIDDEN where a second factor is due, which nothing here could ask for. */
  async obtain(context: RequestContext, input: SignInInput): Promise<SlidingToken> {
    this.assertOn();
    const token = await this.signIn.signIn<SlidingToken, never>(
      context.em,
      input,
      context.request,
      this.issuer.sliding,
      () => {
        throw forbidden('This account signs in with a second factor: use `obtainToken`.');
      },
    );
    context.provenUserIds.add(token.user.id);
    return token;
  }

  /** The same token with a new expiry and new claims, also once it has expired as a bearer; throws TOKEN_NOT_VALID. */
  async refresh(context: RequestContext, token: string): Promise<SlidingToken> {
    this.assertOn();
    return countRefresh(this.metrics, async () => ({ tokens: await this.renew(context, token), result: 'ok' }));
  }

  private async renew(context: RequestContext, token: string): Promise<SlidingToken> {
    const { em, request } = context;
    const claims = await this.reader.readSliding(token);
    const { userId, sessionId, tokenVersion } = claims;
    const admitted = await this.admission.require(em, userId);
    const now = new Date(this.clock.now());
    const holder = await useSession(em, { userId, sessionId, tokenVersion, now, device: request });
    if (holder === null) throw tokenNotValid((await isActiveUser(em, userId)) ? 'REVOKED' : 'USER_INACTIVE');
    context.provenUserIds.add(holder.user.id);
    return this.issuer.renewSliding(holder, claims, await admitted.claimsOf(holder.user));
  }

  private assertOn(): void {
    const on = this.settings.authTokenClasses.includes('sliding');
    assertThat(on, () => forbidden('Sliding tokens are off: JWT_AUTH_TOKEN_CLASSES does not have them.'));
  }
}
