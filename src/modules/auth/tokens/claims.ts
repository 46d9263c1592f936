import type { Role } from '../../../common/viewer.js';

/** What every token says. Times are whole seconds on the wire, so milliseconds are cut off when a token is signed. */
export interface CommonClaims {
  readonly jti: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** What a bearer token says of its user beyond that. */
interface UserClaims extends CommonClaims {
  readonly role: Role;
  readonly email: string;
  /** The user's counter at the time of signing: the database raises it when role, activity or password change. */
  readonly tokenVersion: number;
  /** How the user proved who they are (Authentication Method References, RFC 8176). */
  readonly amr: readonly string[];
  /** When they did (OpenID Connect Core, section 2). */
  readonly authenticatedAt: Date;
}

export interface AccessClaims extends UserClaims {
  readonly tokenType: 'access';
}

/** A bearer token that is exchanged for one like itself until `refreshExpiresAt`. */
export interface SlidingClaims extends UserClaims {
  readonly tokenType: 'sliding';
  readonly refreshExpiresAt: Date;
}

export type BearerClaims = AccessClaims | SlidingClaims;

export interface RefreshClaims extends CommonClaims {
  readonly tokenType: 'refresh';
}

/**
 * An access token of the other issuer (JWT_JWK_URL): what it says of rights and sessions of ours is not believed.
 * `sessionId` is the nil UUID, and `issuedAt` the epoch, where it says nothing of them.
 */
export interface ForeignAccessClaims extends CommonClaims {
  readonly tokenType: 'foreign-access';
}

export type TokenClaims = BearerClaims | RefreshClaims;

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
