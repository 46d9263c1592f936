import type { Role } from '../../../common/viewer.js';

/** What every token says. Times are whole seconds on the wire, so milliseconds are cut off when a token is signed. */
export interface CommonClaims {
  readonly jti: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface AccessClaims extends CommonClaims {
  readonly tokenType: 'access';
  readonly role: Role;
  readonly email: string;
  /** The user's counter at the time of signing: the database raises it when role, activity or password change. */
  readonly tokenVersion: number;
}

export interface RefreshClaims extends CommonClaims {
  readonly tokenType: 'refresh';
}

export type TokenClaims = AccessClaims | RefreshClaims;

export type TokenErrorReason = 'MALFORMED' | 'EXPIRED' | 'WRONG_TYPE';

/** A token was refused; neither the message nor the cause carries any part of it. */
export class TokenError extends Error {
  readonly reason: TokenErrorReason;

  constructor(reason: TokenErrorReason) {
    super(`Token refused: ${reason}`);
    this.name = 'TokenError';
    this.reason = reason;
  }
}
