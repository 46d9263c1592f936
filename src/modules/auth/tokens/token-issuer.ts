import type { Clock } from '../../../common/clock.js';
import { newId } from '../../../common/ids.js';
import type { TokenSettings } from '../../../config.js';
import type { TokenPair } from '../auth.types.js';
import type { NewRefreshToken, TokenHolder } from '../sessions/refresh-token.queries.js';
import type { TokenCodec } from './token-codec.js';

type IssuerSettings = Pick<TokenSettings, 'accessTokenLifetime' | 'refreshTokenLifetime' | 'authHeaderTypes'>;

/** A pair as it is issued, before it is decided how the refresh token travels. */
export type IssuedTokens = TokenPair & { refreshToken: string };

/** Makes token pairs: the claims are built anew from the database's row each time, and so are never stale. */
export class TokenIssuer {
  constructor(
    private readonly codec: TokenCodec,
    private readonly settings: IssuerSettings,
    private readonly clock: Clock,
  ) {}

  /** The claims of a refresh token that starts now. */
  newRefreshToken(): NewRefreshToken {
    const now = this.clock.now();
    return {
      jti: newId(this.clock),
      issuedAt: new Date(now),
      expiresAt: new Date(now + this.settings.refreshTokenLifetime),
    };
  }

  /** Signs a new access token and the refresh token of these claims; signing the same claims again repeats the token. */
  issue({ user, sessionId, tokenVersion }: TokenHolder, refresh: NewRefreshToken): IssuedTokens {
    const now = this.clock.now();
    const accessTokenExpiresAt = wholeSecond(new Date(now + this.settings.accessTokenLifetime));
    return {
      accessToken: this.codec.signAccess({
        tokenType: 'access',
        jti: newId(this.clock),
        userId: user.id,
        sessionId,
        issuedAt: new Date(now),
        expiresAt: accessTokenExpiresAt,
        role: user.role,
        email: user.email,
        tokenVersion,
      }),
      refreshToken: this.codec.signRefresh({ tokenType: 'refresh', userId: user.id, sessionId, ...refresh }),
      tokenType: this.settings.authHeaderTypes[0] ?? 'Bearer',
      accessTokenExpiresAt,
      refreshTokenExpiresAt: wholeSecond(refresh.expiresAt),
      user,
    };
  }
}

/** What `exp` says: tokens count in whole seconds. */
function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
