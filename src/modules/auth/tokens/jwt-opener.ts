import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { JwtAlgorithm, TokenSettings } from '../../../config.js';
import { isPayload, type Payload } from './claim-reader.js';
import { TokenError } from './claims.js';

/** Anything longer is refused before it is looked at; without an extension's claims no token of ours comes near. */
export const longestToken = 8192;

const compactForm = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Any other header parameter either asks for semantics that are not implemented (`crit`, `b64`) or brings its own key. */
const knownHeaders: ReadonlySet<string> = new Set(['alg', 'typ', 'kid']);

/** Finds the keys that a token whose header names this key may be checked with. */
export type FindKeys = (kid: string | undefined) => readonly KeyObject[];

/** Opens JWTs (RFC 7519): checks all but what the claims mean and when they hold. */
export class JwtOpener {
  private readonly options: jwt.VerifyOptions;

  constructor(algorithm: JwtAlgorithm, { issuer, audience }: Pick<TokenSettings, 'issuer' | 'audience'>) {
    const [first, ...others] = audience;
    this.options = {
      algorithms: [algorithm],
      // Time is judged after everything else: jsonwebtoken would call an expired token of a foreign issuer expired.
      ignoreExpiration: true,
      ignoreNotBefore: true,
      ...(issuer !== null && { issuer }),
      ...(first !== undefined && { audience: [first, ...others] }),
    };
  }

  /** Checks form, header, signature, issuer and audience: the payload is authentic, but not yet read. Throws TokenError MALFORMED. */
  open(token: string, findKeys: FindKeys): Payload {
    const header = readHeader(token);
    if (!header || !isOwnHeader(header)) throw new TokenError('MALFORMED');
    for (const key of findKeys(header.kid)) {
      const payload = this.check(token, key);
      if (payload) return payload;
    }
    throw new TokenError('MALFORMED');
  }

  private check(token: string, key: KeyObject): Payload | null {
    try {
      const payload: unknown = jwt.verify(token, key, this.options);
      return isPayload(payload) ? payload : null;
    } catch {
      return null;
    }
  }
}

/** The key that a token says it is signed with, unchecked; undefined where it names none, or is no token at all. */
export function namedKey(token: string): string | undefined {
  const kid = readHeader(token)?.['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

interface OwnHeader {
  readonly kid?: string;
}

function isOwnHeader(header: Payload): header is Payload & OwnHeader {
  const { typ, kid } = header;
  if (!Object.keys(header).every((name) => knownHeaders.has(name))) return false;
  return (typ === undefined || typ === 'JWT') && (kid === undefined || typeof kid === 'string');
}

function readHeader(token: string): Payload | null {
  if (!isCanonical(token)) return null;
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
    return isPayload(header) ? header : null;
  } catch {
    return null;
  }
}

/** One token, one spelling: the signature's spare base64url bits are zero (the other parts are covered by it). */
function isCanonical(token: string): boolean {
  if (typeof token !== 'string' || token.length > longestToken) return false;
  const signature = compactForm.exec(token)?.[3];
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
