import { isId } from '../../../common/ids.js';
import type { Role } from '../../../common/viewer.js';
import type { TokenSettings } from '../../../config.js';
import { type CommonClaims, type TokenClaims, TokenError } from './claims.js';

export type Payload = Readonly<Record<string, unknown>>;
type ClaimNames = TokenSettings['claims'];

/** `Date` ends at 8.64e15 ms; a later `exp` is nonsense and would become an invalid date. */
const lastSecond = 8_640_000_000_000;

const rolesByClaim: ReadonlyMap<unknown, Role> = new Map<unknown, Role>([
  ['user', 'USER'],
  ['admin', 'ADMIN'],
]);

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A well-formed token of a type that is not ours, as `sliding` where there are none. */
export interface ForeignClaims extends CommonClaims {
  readonly tokenType: 'foreign';
}

/** Reads a payload whose signature was checked; throws TokenError MALFORMED for a missing or ill-typed claim. */
export function readClaims(payload: Payload, names: ClaimNames, hasSliding: boolean): TokenClaims | ForeignClaims {
  const tokenType = readText(payload, names.tokenType);
  const common = {
    jti: readText(payload, names.jti),
    userId: readText(payload, names.userId),
    sessionId: readText(payload, 'sid'),
    issuedAt: readTime(payload, 'iat'),
    expiresAt: readTime(payload, 'exp'),
  };
  if (tokenType === 'refresh') return { tokenType, ...common };
  const isBearer = tokenType === 'access' || (hasSliding && tokenType === 'sliding');
  if (!isBearer) return { tokenType: 'foreign', ...common };
  const bearer = {
    ...common,
    role: readRole(payload),
    email: readText(payload, 'email'),
    tokenVersion: readCounter(payload, 'token_version'),
    amr: readWords(payload, 'amr'),
    authenticatedAt: payload['auth_time'] === undefined ? new Date(0) : readTime(payload, 'auth_time'),
  };
  if (tokenType === 'access') return { tokenType, ...bearer };
  return { tokenType, ...bearer, refreshExpiresAt: readTime(payload, names.refreshExp) };
}

/** The `nbf` claim (RFC 7519, section 4.1.5): Postern never sets it, but honours it. */
export function readNotBefore(payload: Payload): Date | null {
  const { nbf } = payload;
  return nbf === undefined ? null : readTime(payload, 'nbf');
}

export function readText(payload: Payload, name: string): string {
  const value = payload[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TokenError('MALFORMED');
}

/**
 * Whether the ids that become SQL parameters and map keys are UUIDs as `newId` spells them. Others name nothing here;
 * the `jti` of an access token is no row's, and may be anything.
 */
export function namesRows({ tokenType, jti, userId, sessionId }: TokenClaims): boolean {
  const ids = tokenType === 'refresh' ? [jti, userId, sessionId] : [userId, sessionId];
  return ids.every((id) => isId(id) && id === id.toLowerCase());
}

/** A NumericDate (RFC 7519, section 2), which may have a fraction. */
export function readTime(payload: Payload, name: string): Date {
  const value = payload[name];
  if (typeof value === 'number' && value >= 0 && value <= lastSecond) return new Date(value * 1000);
  throw new TokenError('MALFORMED');
}

/** None in a token that another holder of the key has signed. */
function readWords(payload: Payload, name: string): string[] {
  const value = payload[name] ?? [];
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  throw new TokenError('MALFORMED');
}

/** Missing in a token that another holder of the key has signed: it counts as old as can be. */
function readCounter(payload: Payload, name: string): number {
  const value = payload[name] ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new TokenError('MALFORMED');
}

function readRole(payload: Payload): Role {
  const { role: claim } = payload;
  const role = rolesByClaim.get(claim);
  if (role) return role;
  throw new TokenError('MALFORMED');
}
