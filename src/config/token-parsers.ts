import type { z } from 'zod';
import { isLine, list, type Parser, parser } from './parsers.js';
import { authTokenClasses } from './types.js';

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

const readToken = (text: string): string | undefined => (token.test(text) ? text : undefined);

/** The claims that Postern itself gives a meaning, whatever the settings call the others. */
export const reservedClaims: readonly string[] = [
  'exp',
  'iat',
  'nbf',
  'iss',
  'aud',
  'sid',
  'role',
  'email',
  'token_version',
  'amr',
  'auth_time',
];

export const headerName: Parser<string> = parser("must be a header's name (RFC 9110, section 5.6.2)", readToken);

/** Authentication schemes (RFC 9110, section 11.1), which disregard case. */
export const headerTypes: Parser<string[]> = list('must be an authentication scheme, such as Bearer', readToken).refine(
  (types) => new Set(types.map((type) => type.toLowerCase())).size === types.length,
  'must name each authentication scheme once',
);

/** None is no list: tokens are then for anybody. */
export const audiences: Parser<string[]> = list('must be text on one line', (text) =>
  isLine(text) ? text : undefined,
);

/** SimpleJWT's classes of tokens that may be bearers, by the types that tokens name. */
export const bearerTypes = list(`must be one of ${authTokenClasses.join(', ')}`, (text) =>
  authTokenClasses.find((word) => word === text),
).refine(
  (types) => types.length > 0 && new Set(types).size === types.length,
  `must name one or more of ${authTokenClasses.join(', ')}, each once`,
);

/** 32 bytes, so that nobody takes a pass phrase for a key. */
export const encryptionKey: z.ZodType<Buffer, string> = parser(
  'must be 32 random bytes in base64, as `openssl rand -base64 32` makes them',
  (text) => (/^[A-Za-z0-9+/]{43}=$/.test(text.trim()) ? Buffer.from(text, 'base64') : undefined),
);

/** What fits into a header as a bearer token, and is too long to be guessed. */
export const scrapeToken: z.ZodType<string, string> = parser(
  'must be 32 characters or more of printable ASCII without spaces, as `openssl rand -hex 32` makes them',
  (text) => (/^[\x21-\x7e]{32,}$/.test(text) ? text : undefined),
);

/** A claim's name (RFC 7519, section 4) that no other claim of ours has; `__proto__` is no ordinary property. */
export const claimName: Parser<string> = parser(
  `must be a claim's name of printable ASCII without spaces, and none of ${reservedClaims.join(', ')}`,
  (text) =>
    /^[\x21-\x7e]{1,200}$/.test(text) && text !== '__proto__' && !reservedClaims.includes(text) ? text : undefined,
);
