import { tokenNotValid } from '../../../common/errors.js';
import { type RefreshClaims, type TokenClaims, TokenError } from './claims.js';
import type { TokenCodec } from './token-codec.js';

/** Reads tokens that come as arguments: what is wrong with one becomes TOKEN_NOT_VALID with its reason. */
export class TokenReader {
  constructor(private readonly codec: TokenCodec) {}

  read(token: string): TokenClaims {
    return translated(() => this.codec.verify(token));
  }

  readRefresh(token: string): RefreshClaims {
    return translated(() => this.codec.verifyRefresh(token));
  }

  /** The claims of a good token, or null for any other. */
  readOrNull(token: string): TokenClaims | null {
    try {
      return this.codec.verify(token);
    } catch (error) {
      if (error instanceof TokenError) return null;
      throw error;
    }
  }
}

function translated<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof TokenError ? tokenNotValid(error.reason) : error;
  }
}
