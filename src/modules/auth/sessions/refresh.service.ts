import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { TokenSettings } from '../../../config.js';
import { userExists } from '../../users/user.queries.js';
import { countRefresh, type Renewal } from '../auth.metrics.js';
import type { Notifier } from '../notices/notifier.js';
import type { Ending, Revoker } from '../revocation/revoker.js';
import type { Admission, Admitted } from '../sign-in/admission.js';
import type { RefreshClaims } from '../tokens/claims.js';
import type { IssuedTokens, TokenIssuer } from '../tokens/token-issuer.js';
import type { TokenReader } from '../tokens/token-reader.js';
import {
  type Device,
  findRefreshTokenState,
  rotateRefreshToken,
  type TokenHolder,
  type TokenUse,
  useRefreshToken,
} from './refresh-token.queries.js';

type RotationSettings = Pick<
  TokenSettings,
  'rotateRefreshTokens' | 'blacklistAfterRotation' | 'rotationGracePeriod' | 'leeway'
>;

/** Renews access tokens (RFC 6749, section 6) with rotation and reuse detection (RFC 9700, section 4.14.2). */
export class RefreshService {
  constructor(
    private readonly reader: TokenReader,
    private readonly issuer: TokenIssuer,
    private readonly admission: Admission,
    private readonly revoker: Revoker,
    private readonly notifier: Notifier,
    private readonly settings: RotationSettings,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** Throws TOKEN_NOT_VALID; a token that is used again after its grace period ends its whole session. */
  refresh(em: EntityManager, token: string, device: Device): Promise<IssuedTokens> {
    return countRefresh(this.metrics, () => this.renew(em, token, device));
  }

  private async renew(em: EntityManager, token: string, device: Device): Promise<Renewal<IssuedTokens>> {
    const claims = await this.reader.readRefresh(token);
    const admitted = await this.admission.require(em, claims.userId);
    const use = { jti: claims.jti, expiredBy: this.expiredBy(), device };
    const tokens = this.settings.rotateRefreshTokens
      ? await this.rotate(em, use, admitted)
      : await this.keep(em, use, claims, admitted);
    if (tokens) return { tokens, result: 'ok' };
    return { tokens: await this.repeatOrRefuse(em, claims, device, admitted), result: 'repeated' };
  }

  private async rotate(em: EntityManager, use: TokenUse, admitted: Admitted): Promise<IssuedTokens | null> {
    const successor = this.issuer.newRefreshToken();
    const holder = await rotateRefreshToken(em, use, successor, this.settings.blacklistAfterRotation);
    return holder && this.issuer.issue(holder, successor, await admitted.claimsOf(holder.user));
  }

  private async keep(
    em: EntityManager,
    use: TokenUse,
    claims: RefreshClaims,
    admitted: Admitted,
  ): Promise<IssuedTokens | null> {
    const holder = await useRefreshToken(em, use, new Date(this.clock.now()), this.settings.blacklistAfterRotation);
    return holder && this.issuer.issue(holder, claims, await admitted.claimsOf(holder.user));
  }

  /** The token did not win: it lost a race or an answer was lost (same successor again), or it is no good (the reason). */
  private async repeatOrRefuse(
    em: EntityManager,
    claims: RefreshClaims,
    device: Device,
    admitted: Admitted,
  ): Promise<IssuedTokens> {
    const state = await findRefreshTokenState(em, claims.jti, this.expiredBy());
    if (state === null) throw tokenNotValid((await userExists(em, claims.userId)) ? 'REVOKED' : 'USER_INACTIVE');
    assertThat(state.userActive, () => tokenNotValid('USER_INACTIVE'));
    const { rotatedAt, successor } = state;
    if (rotatedAt === null || !this.settings.blacklistAfterRotation) throw tokenNotValid('REVOKED');
    if (successor?.rotated || !this.withinGracePeriod(rotatedAt)) {
      const { obey } = await em.transactional((tx) => this.endReused(tx, state.holder, device));
      obey();
      throw tokenNotValid('REUSED');
    }
    assertThat(state.usable && successor?.usable, () => tokenNotValid('REVOKED'));
    return this.issuer.issue(state.holder, successor, await admitted.claimsOf(state.holder.user));
  }

  /** Whoever finds the session ended already tells nobody once more. */
  private async endReused(tx: EntityManager, { user, sessionId }: TokenHolder, device: Device): Promise<Ending> {
    const target = { userId: user.id, sessionId };
    const ending = await this.revoker.revokeWithin(tx, 'TOKEN_REUSED', target, { ...device, actorId: null });
    if (ending.ended > 0) await this.notifier.notify(tx, user, 'tokenReused', device, {});
    return ending;
  }

  /** Without a grace period there is none, whatever the clocks of two instances make of it. */
  private withinGracePeriod(rotatedAt: Date): boolean {
    const { rotationGracePeriod } = this.settings;
    return rotationGracePeriod > 0 && this.clock.now() - rotatedAt.getTime() < rotationGracePeriod;
  }

  private expiredBy(): Date {
    return new Date(this.clock.now() - this.settings.leeway);
  }
}
