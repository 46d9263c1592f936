import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, tokenNotValid } from '../../../common/errors.js';
import type { TokenSettings } from '../../../config.js';
import { userExists } from '../../users/user.queries.js';
import type { TokenInfo } from '../auth.types.js';
import { findRefreshTokenState } from '../sessions/refresh-token.queries.js';
import { findAccessTokenState } from '../sessions/session.queries.js';
import type { AccessClaims, RefreshClaims } from './claims.js';
import type { TokenReader } from './token-reader.js';

/** Tells what a token says, if it is good for anything now (SimpleJWT's verify, RFC 7662 in spirit). */
export class TokenInspector {
  constructor(
    private readonly reader: TokenReader,
    private readonly settings: Pick<TokenSettings, 'blacklistAfterRotation' | 'leeway'>,
    private readonly clock: Clock,
  ) {}

  /** Asks the database, not memory; throws TOKEN_NOT_VALID with the reason. */
  async inspect(em: EntityManager, token: string): Promise<TokenInfo> {
    const claims = this.reader.read(token);
    if (claims.tokenType === 'access') await this.checkAccess(em, claims);
    else await this.checkRefresh(em, claims);
    const { jti, userId, sessionId, issuedAt, expiresAt } = claims;
    const tokenType = claims.tokenType === 'access' ? 'ACCESS' : 'REFRESH';
    return { tokenType, jti, userId, sessionId, issuedAt, expiresAt };
  }

  private async checkAccess(em: EntityManager, claims: AccessClaims): Promise<void> {
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
