import { tokenNotValid } from '../../../common/errors.js';
import {
  type ForeignAccessClaims,
  type RefreshClaims,
  type SlidingClaims,
  type TokenClaims,
  TokenError,
} from './claims.js';
import type { TokenVerifier } from './token-verifier.js';

/** Reads tokens that come as arguments: what is wrong with one becomes TOKEN_NOT_VALID with its reason. */
export class TokenReader {
  constructor(private readonly verifier: TokenVerifier) {}

  /** Also an access token of the trusted issuer. */
  async read(token: string): Promise<TokenClaims | ForeignAccessClaims> {
    return translated(this.verifier.verifyOfAnyIssuer(token));
  }

  async readRefresh(token: string): Promise<RefreshClaims> {
    return translated(this.verifier.verifyRefresh(token));
  }

  async readSliding(token: string): Promise<SlidingClaims> {
    return translated(this.verifier.verifySliding(token));
  }

  /** The claims of a token of ours that is still good for anything, or null for any other. */
  async readOrNull(token: string): Promise<TokenClaims | null> {
    try {
      return await this.verifier.verifyUsable(token);
    } catch (error) {
      if (error instanceof TokenError) return null;
      throw error;
    }
  }
}

async function translated<T>(claims: Promise<T>): Promise<T> {
  try {
    return await claims;
  } catch (error) {
    throw error instanceof TokenError ? tokenNotValid(error.reason) : error;
  }
}
