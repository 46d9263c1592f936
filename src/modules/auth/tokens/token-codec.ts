import jwt from 'jsonwebtoken';
import type { Clock } from '../../../common/clock.js';
import type { TokenSettings } from '../../../config.js';
import { isPayload, namesRows, type Payload, readClaims, readNotBefore } from './claim-reader.js';
import { type AccessClaims, type RefreshClaims, type TokenClaims, TokenError } from './claims.js';
import type { SigningKeys } from './signing-keys.js';

/** No token of ours comes near; anything longer is refused before it is looked at. */
const longestToken = 8192;

const compactForm = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Any other header parameter either asks for semantics that are not implemented (`crit`, `b64`) or brings its own key. */
const knownHeaders: ReadonlySet<string> = new Set(['alg', 'typ', 'kid']);

const reservedClaims = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sid', 'role', 'email', 'token_version'];

/** The codec's own part of the settings. */
export type TokenCodecSettings = Pick<TokenSettings, 'issuer' | 'audience' | 'leeway' | 'claims'>;

/** Turns claims into JWTs (RFC 7519) and back; what it returns from `verify` has a good signature and is valid now. */
export class TokenCodec {
  readonly #keys: SigningKeys;
  readonly #settings: TokenCodecSettings;
  readonly #clock: Clock;
  readonly #signOptions: jwt.SignOptions;
  readonly #verifyOptions: jwt.VerifyOptions & { complete: true };

  constructor(keys: SigningKeys, settings: TokenCodecSettings, clock: Clock) {
    assertDistinctNames(settings.claims);
    this.#keys = keys;
    this.#settings = settings;
    this.#clock = clock;
    this.#signOptions = { algorithm: keys.algorithm, ...(keys.kid !== null && { keyid: keys.kid }) };
    this.#verifyOptions = {
      algorithms: [keys.algorithm],
      complete: true,
      // Time is judged here, after everything else: jsonwebtoken would call an expired token of a foreign issuer expired.
      ignoreExpiration: true,
      ignoreNotBefore: true,
      ...(settings.issuer !== null && { issuer: settings.issuer }),
      ...(settings.audience !== null && { audience: settings.audience }),
    };
  }

  /** The same claims give the same bytes for HS and RS; ES and PS signatures are random, and equally valid. */
  signAccess(claims: AccessClaims): string {
    const { role, email, tokenVersion } = claims;
    return this.#sign(claims, { role: role === 'ADMIN' ? 'admin' : 'user', email, token_version: tokenVersion });
  }

  signRefresh(claims: RefreshClaims): string {
    return this.#sign(claims, {});
  }

  /** Throws TokenError and nothing else: MALFORMED before EXPIRED before WRONG_TYPE. */
  verify(token: string): TokenClaims {
    const payload = this.#open(token);
    const claims = readClaims(payload, this.#settings.claims);
    const notBefore = readNotBefore(payload);
    const now = this.#clock.now();
    const { leeway } = this.#settings;
    if (notBefore && notBefore.getTime() > now + leeway) throw new TokenError('MALFORMED');
    if (claims.expiresAt.getTime() <= now - leeway) throw new TokenError('EXPIRED');
    if (claims.tokenType === 'foreign') throw new TokenError('WRONG_TYPE');
    if (!namesRows(claims)) throw new TokenError('MALFORMED');
    return claims;
  }

  verifyAccess(token: string): AccessClaims {
    const claims = this.verify(token);
    if (claims.tokenType !== 'access') throw new TokenError('WRONG_TYPE');
    return claims;
  }

  verifyRefresh(token: string): RefreshClaims {
    const claims = this.verify(token);
    if (claims.tokenType !== 'refresh') throw new TokenError('WRONG_TYPE');
    return claims;
  }

  #sign(claims: TokenClaims, more: Payload): string {
    const { claims: names, audience, issuer } = this.#settings;
    const payload = {
      [names.tokenType]: claims.tokenType,
      exp: toSeconds(claims.expiresAt),
      iat: toSeconds(claims.issuedAt),
      [names.jti]: claims.jti,
      [names.userId]: claims.userId,
      sid: claims.sessionId,
      ...more,
      ...(audience !== null && { aud: audience }),
      ...(issuer !== null && { iss: issuer }),
    };
    return jwt.sign(payload, this.#keys.signingKey, this.#signOptions);
  }

  /** Checks form, signature, header, issuer and audience; the payload is then authentic, but not yet read. */
  #open(token: string): Payload {
    if (!isCanonical(token)) throw new TokenError('MALFORMED');
    const { header, payload } = this.#decode(token);
    if (!this.#isOwnHeader(header) || !isPayload(payload)) throw new TokenError('MALFORMED');
    return payload;
  }

  #decode(token: string): jwt.Jwt {
    try {
      return jwt.verify(token, this.#keys.verifyingKey, this.#verifyOptions);
    } catch {
      throw new TokenError('MALFORMED');
    }
  }

  /** A token without `kid` passes on its signature alone: SimpleJWT sets none, and there is but one key. */
  #isOwnHeader(header: jwt.JwtHeader): boolean {
    if (!Object.keys(header).every((name) => knownHeaders.has(name))) return false;
    if (header.typ !== undefined && header.typ !== 'JWT') return false;
    return header.kid === undefined || this.#keys.kid === null || header.kid === this.#keys.kid;
  }
}

/** One token, one spelling: the signature's spare base64url bits are zero (the other parts are covered by it). */
function isCanonical(token: string): boolean {
  if (typeof token !== 'string' || token.length > longestToken) return false;
  const signature = compactForm.exec(token)?.[3];
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** Whole seconds, rounded down; a date at or before the epoch is a programming error, which jsonwebtoken would hide. */
function toSeconds(date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (seconds > 0) return seconds;
  throw new RangeError('A token needs dates after 1970.');
}

function assertDistinctNames({ userId, jti, tokenType }: TokenSettings['claims']): void {
  const names = [...reservedClaims, userId, jti, tokenType];
  if (new Set(names).size === names.length && !names.includes('')) return;
  throw new Error(
    'The claim names for user id, jti and token type must differ from each other and from the other claims.',
  );
}
