import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import type { TokenSettings } from '../../../config.js';
import { userExists } from '../../users/user.queries.js';
import type { TokenInfo } from '../auth.types.js';
import { findForeignUserState } from '../keys/foreign-user.queries.js';
import { findRefreshTokenState } from '../sessions/refresh-token.queries.js';
import { findAccessTokenState } from '../sessions/session.queries.js';
import type { BearerClaims, ForeignAccessClaims, RefreshClaims, TokenClaims } from './claims.js';
import type { TokenReader } from './token-reader.js';

const tokenTypesByClaim = {
  access: 'ACCESS',
  'foreign-access': 'ACCESS',
  sliding: 'SLIDING',
  refresh: 'REFRESH',
} as const;

/** Tells what a token says, if it is good for anything now (SimpleJWT's verify, RFC 7662 in spirit). */
export class TokenInspector {
  constructor(
    private readonly reader: TokenReader,
    private readonly settings: Pick<TokenSettings, 'blacklistAfterRotation' | 'leeway'>,
    private readonly clock: Clock,
  ) {}

  /** Asks the database, not memory; throws TOKEN_NOT_VALID with the reason. */
  async inspect(em: EntityManager, token: string): Promise<TokenInfo> {
    const claims = await this.reader.read(token);
    await this.check(em, claims);
    const { jti, userId, sessionId, issuedAt, expiresAt } = claims;
    return { tokenType: tokenTypesByClaim[claims.tokenType], jti, userId, sessionId, issuedAt, expiresAt };
  }

  private async check(em: EntityManager, claims: TokenClaims | ForeignAccessClaims): Promise<void> {
    if (claims.tokenType === 'refresh') return this.checkRefresh(em, claims);
    if (claims.tokenType === 'foreign-access') return this.checkForeign(em, claims);
    return this.checkBearer(em, claims);
  }

  private async checkForeign(em: EntityManager, claims: ForeignAccessClaims): Promise<void> {
    const state = await findForeignUserState(em, claims);
    assertThat(state?.userActive, () => tokenNotValid('USER_INACTIVE'));
    assertThat(!state.revoked, () => tokenNotValid('REVOKED'));
  }

  private async checkBearer(em: EntityManager, claims: BearerClaims): Promise<void> {
    const state = await findAccessTokenState(em, claims);
    assertThat(state?.userActive, () => tokenNotValid('USER_INACTIVE'));
    assertThat(state.sessionLive && state.tokenVersion <= claims.tokenVersion, () => tokenNotValid('REVOKED'));
  }

  private async checkRefresh(em: EntityManager, claims: RefreshClaims): Promise<void> {
    const state = await findRefreshTokenState(em, claims.jti, new Date(this.clock.now() - this.settings.leeway));
    if (state === null) throw tokenNotValid((await userExists(em, claims.userId)) ? 'REVOKED' : 'USER_INACTIVE');
    assertThat(state.userActive, () => tokenNotValid('USER_INACTIVE'));
    assertThat(state.usable && !(state.rotatedAt && this.settings.blacklistAfterRotation), () =>
      tokenNotValid('REVOKED'),
    );
  }
}
