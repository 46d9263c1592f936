import jwt from 'jsonwebtoken';
import type { Clock } from '../../../common/clock.js';
import { reservedClaims } from '../../../config/token-parsers.js';
import type { AuthTokenClass, TokenSettings } from '../../../config.js';
import type { KeyRing } from '../keys/key-ring.js';
import { type ForeignClaims, namesRows, type Payload, readClaims, readNotBefore } from './claim-reader.js';
import { type BearerClaims, type RefreshClaims, type SlidingClaims, type TokenClaims, TokenError } from './claims.js';
import { JwtOpener, longestToken } from './jwt-opener.js';

/** The codec's own part of the settings. */
export type TokenCodecSettings = Pick<TokenSettings, 'issuer' | 'audience' | 'leeway' | 'claims' | 'authTokenClasses'>;

/** Turns claims into JWTs (RFC 7519) and back; what it returns from `verify` has a good signature and is valid now. */
export class TokenCodec {
  private readonly opener: JwtOpener;

  constructor(
    private readonly keys: KeyRing,
    private readonly settings: TokenCodecSettings,
    private readonly clock: Clock,
  ) {
    assertDistinctNames(settings.claims);
    this.opener = new JwtOpener(keys.algorithm, settings);
  }

  /**
   * `more` are claims of the product's own, none of them named like one of Postern's. The same claims give the same
   * bytes for HS and RS; ES and PS signatures are random, and equally valid.
   */
  signBearer(claims: BearerClaims, more: Payload = {}): string {
    const { role, email, tokenVersion, amr, authenticatedAt } = claims;
    return this.sign(claims, {
      ...more,
      role: role === 'ADMIN' ? 'admin' : 'user',
      email,
      token_version: tokenVersion,
      amr,
      auth_time: toSeconds(authenticatedAt),
      ...(claims.tokenType === 'sliding' && {
        [this.settings.claims.refreshExp]: toSeconds(claims.refreshExpiresAt),
      }),
    });
  }

  signRefresh(claims: RefreshClaims): string {
    return this.sign(claims, {});
  }

  /** Throws TokenError and nothing else: MALFORMED before EXPIRED before WRONG_TYPE. */
  verify(token: string): TokenClaims {
    return this.check(token, ({ expiresAt }) => expiresAt);
  }

  /** A token that is still good for anything: a sliding one until it can no longer be exchanged. */
  verifyUsable(token: string): TokenClaims {
    return this.check(token, (claims) => (claims.tokenType === 'sliding' ? claims.refreshExpiresAt : claims.expiresAt));
  }

  /** A token that is good as a bearer, of a class that JWT_AUTH_TOKEN_CLASSES has. */
  verifyBearer(token: string): BearerClaims {
    const claims = this.verify(token);
    if (claims.tokenType === 'refresh' || !this.accepts(claims.tokenType)) throw new TokenError('WRONG_TYPE');
    return claims;
  }

  /** Whether tokens of the class may be sent as bearers. */
  accepts(tokenClass: AuthTokenClass): boolean {
    return this.settings.authTokenClasses.includes(tokenClass);
  }

  /** A sliding token that can be exchanged, be it still good as a bearer or not. */
  verifySliding(token: string): SlidingClaims {
    const claims = this.verifyUsable(token);
    if (claims.tokenType !== 'sliding') throw new TokenError('WRONG_TYPE');
    return claims;
  }

  verifyRefresh(token: string): RefreshClaims {
    const claims = this.verify(token);
    if (claims.tokenType !== 'refresh') throw new TokenError('WRONG_TYPE');
    return claims;
  }

  private check(token: string, endOf: (claims: TokenClaims | ForeignClaims) => Date): TokenClaims {
    const payload = this.opener.open(token, (kid) => this.keys.candidates(kid));
    const { leeway, claims: names } = this.settings;
    const claims = readClaims(payload, names, this.accepts('sliding'));
    const notBefore = readNotBefore(payload);
    const now = this.clock.now();
    if (notBefore && notBefore.getTime() > now + leeway) throw new TokenError('MALFORMED');
    if (endOf(claims).getTime() <= now - leeway) throw new TokenError('EXPIRED');
    if (claims.tokenType === 'foreign') throw new TokenError('WRONG_TYPE');
    if (!namesRows(claims)) throw new TokenError('MALFORMED');
    return claims;
  }

  private sign(claims: TokenClaims, more: Payload): string {
    const { claims: names, audience, issuer } = this.settings;
    const payload = {
      [names.tokenType]: claims.tokenType,
      exp: toSeconds(claims.expiresAt),
      iat: toSeconds(claims.issuedAt),
      [names.jti]: claims.jti,
      [names.userId]: claims.userId,
      sid: claims.sessionId,
      ...more,
      ...(audience.length > 0 && { aud: audience.length === 1 ? audience[0] : audience }),
      ...(issuer !== null && { iss: issuer }),
    };
    const { kid, key } = this.keys.signer();
    const token = jwt.sign(payload, key, { algorithm: this.keys.algorithm, ...(kid !== null && { keyid: kid }) });
    if (token.length <= longestToken) return token;
    throw new Error(`A token of ${token.length} characters is too long to be accepted: see the claims it has.`);
  }
}

/** Whole seconds, rounded down; a date at or before the epoch is a programming error, which jsonwebtoken would hide. */
function toSeconds(date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (seconds > 0) return seconds;
  throw new RangeError('A token needs dates after 1970.');
}

/** The names of every claim that has a meaning here. */
export function ownClaimNames(claims: TokenSettings['claims']): string[] {
  return [...reservedClaims, ...Object.values(claims)];
}

function assertDistinctNames(claims: TokenSettings['claims']): void {
  const names = ownClaimNames(claims);
  if (new Set(names).size === names.length && !names.includes('')) return;
  throw new Error(
    'The claim names for user id, jti, token type and refresh expiry must differ from each other and from the other claims.',
  );
}
