import type { ForeignIssuer } from '../keys/foreign-issuer.js';
import type { KeyRing } from '../keys/key-ring.js';
import {
  type BearerClaims,
  type ForeignAccessClaims,
  type RefreshClaims,
  type SlidingClaims,
  type TokenClaims,
  TokenError,
} from './claims.js';
import { namedKey } from './jwt-opener.js';
import type { TokenCodec } from './token-codec.js';

/**
 * Checks tokens with the keys at hand, and looks for a key that is not: once a rotation has been heard of, which takes
 * an instant, nothing is asked of the database. Every method throws TokenError for a token that is no good.
 */
export class TokenVerifier {
  constructor(
    private readonly codec: TokenCodec,
    private readonly keys: KeyRing,
    private readonly foreign: ForeignIssuer | null,
  ) {}

  /** A token of ours that is still good for anything. */
  async verifyUsable(token: string): Promise<TokenClaims> {
    await this.keys.seek(namedKey(token));
    return this.codec.verifyUsable(token);
  }

  async verifyRefresh(token: string): Promise<RefreshClaims> {
    await this.keys.seek(namedKey(token));
    return this.codec.verifyRefresh(token);
  }

  /** A token of ours, or an access token of the trusted issuer. */
  async verifyOfAnyIssuer(token: string): Promise<TokenClaims | ForeignAccessClaims> {
    return this.orForeign(token, () => this.codec.verify(token));
  }

  /** A bearer token of ours, or an access token of the trusted issuer. */
  async verifyBearer(token: string): Promise<BearerClaims | ForeignAccessClaims> {
    const claims = await this.orForeign(token, () => this.codec.verifyBearer(token));
    if (claims.tokenType === 'foreign-access' && !this.codec.accepts('access')) throw new TokenError('WRONG_TYPE');
    return claims;
  }

  /** A sliding token that can be exchanged. */
  async verifySliding(token: string): Promise<SlidingClaims> {
    await this.keys.seek(namedKey(token));
    return this.codec.verifySliding(token);
  }

  private async orForeign<T>(token: string, verifyOwn: () => T): Promise<T | ForeignAccessClaims> {
    const kid = namedKey(token);
    await this.keys.seek(kid);
    try {
      return verifyOwn();
    } catch (error) {
      const isOurs = kid !== undefined && this.keys.candidates(kid).length > 0;
      if (!this.foreign || isOurs || !isMalformed(error)) throw error;
      return await this.foreign.verifyAccess(token);
    }
  }
}

/** A bad signature is no other thing than another issuer's. */
function isMalformed(error: unknown): boolean {
  return error instanceof TokenError && error.reason === 'MALFORMED';
}
