import type { Clock } from '../../../common/clock.js';
import { newId } from '../../../common/ids.js';
import type { TokenSettings } from '../../../config.js';
import type { TokenPair } from '../auth.types.js';
import type { NewRefreshToken, TokenHolder } from '../sessions/refresh-token.queries.js';
import type { SlidingToken } from '../sliding/sliding-token.types.js';
import type { Payload } from './claim-reader.js';
import type { SlidingClaims } from './claims.js';
import type { TokenCodec } from './token-codec.js';

type IssuerSettings = Pick<
  TokenSettings,
  | 'accessTokenLifetime'
  | 'refreshTokenLifetime'
  | 'slidingTokenLifetime'
  | 'slidingTokenRefreshLifetime'
  | 'authHeaderTypes'
>;

/** A pair as it is issued, before it is decided how the refresh token travels. */
export type IssuedTokens = TokenPair & { refreshToken: string };

/** What a session begins with: tokens of one kind, how long they are good, and how they are made. */
export interface TokenKind<Tokens> {
  /** Whether the session's first token has a row of its own. */
  readonly recorded: boolean;
  /** Of a session that begins now. */
  begin(): NewRefreshToken;
  /** `more` are claims of the product's own. */
  issue(holder: TokenHolder, first: NewRefreshToken, more: Payload): Tokens;
}

/** Makes tokens: the claims are built anew from the database's row each time, and so are never stale. */
export class TokenIssuer {
  constructor(
    private readonly codec: TokenCodec,
    private readonly settings: IssuerSettings,
    private readonly clock: Clock,
  ) {}

  /** An access token and the refresh token that renews it. */
  readonly pair: TokenKind<IssuedTokens> = {
    recorded: true,
    begin: () => this.newRefreshToken(),
    issue: (holder, refresh, more) => this.issue(holder, refresh, more),
  };

  readonly sliding: TokenKind<SlidingToken> = {
    recorded: false,
    begin: () => this.startingNow(this.settings.slidingTokenRefreshLifetime),
    issue: (holder, { jti, expiresAt }, more) => this.renewSliding(holder, { jti, refreshExpiresAt: expiresAt }, more),
  };

  /** The claims of a refresh token that starts now. */
  newRefreshToken(): NewRefreshToken {
    return this.startingNow(this.settings.refreshTokenLifetime);
  }

  /** Signs a new access token and the refresh token of these claims; signing the same claims again repeats the token. */
  issue(holder: TokenHolder, refresh: NewRefreshToken, more: Payload): IssuedTokens {
    const { user, sessionId } = holder;
    const expiresAt = this.in(this.settings.accessTokenLifetime);
    const claims = { ...this.userClaims(holder), tokenType: 'access', jti: newId(this.clock), expiresAt } as const;
    return {
      accessToken: this.codec.signBearer(claims, more),
      refreshToken: this.codec.signRefresh({ tokenType: 'refresh', userId: user.id, sessionId, ...refresh }),
      tokenType: this.scheme,
      accessTokenExpiresAt: expiresAt,
      refreshTokenExpiresAt: wholeSecond(refresh.expiresAt),
      user,
    };
  }

  /** Signs the sliding token again, with a new expiry and the claims of now. */
  renewSliding(
    holder: TokenHolder,
    { jti, refreshExpiresAt }: Pick<SlidingClaims, 'jti' | 'refreshExpiresAt'>,
    more: Payload,
  ): SlidingToken {
    const { user } = holder;
    const expiresAt = this.in(this.settings.slidingTokenLifetime);
    const claims = { ...this.userClaims(holder), tokenType: 'sliding', jti, expiresAt, refreshExpiresAt } as const;
    return {
      token: this.codec.signBearer(claims, more),
      tokenType: this.scheme,
      expiresAt,
      refreshExpiresAt: wholeSecond(refreshExpiresAt),
      user,
    };
  }

  private userClaims({ user, ...session }: TokenHolder) {
    const { id: userId, role, email } = user;
    return { ...session, userId, role, email, issuedAt: new Date(this.clock.now()) };
  }

  private startingNow(lifetime: number): NewRefreshToken {
    const now = this.clock.now();
    return { jti: newId(this.clock), issuedAt: new Date(now), expiresAt: new Date(now + lifetime) };
  }

  private in(lifetime: number): Date {
    return wholeSecond(new Date(this.clock.now() + lifetime));
  }

  private get scheme(): string {
    return this.settings.authHeaderTypes[0] ?? 'Bearer';
  }
}

/** What `exp` says: tokens count in whole seconds. */
function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
