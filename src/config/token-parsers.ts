import { list, type Parser, parser } from './parsers.js';

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

const readToken = (text: string): string | undefined => (token.test(text) ? text : undefined);

/** The claims that Postern itself gives a meaning. */
const reservedClaims: readonly string[] = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sid', 'role', 'email', 'token_version'];

export const headerName: Parser<string> = parser("must be a header's name (RFC 9110, section 5.6.2)", readToken);

/** Authentication schemes (RFC 9110, section 11.1), which disregard case. */
export const headerTypes: Parser<string[]> = list('must be an authentication scheme, such as Bearer', readToken).refine(
  (types) => new Set(types.map((type) => type.toLowerCase())).size === types.length,
  'must name each authentication scheme once',
);

/** A claim's name (RFC 7519, section 4) that no other claim of ours has; `__proto__` is no ordinary property. */
export const claimName: Parser<string> = parser(
  `must be a claim's name of printable ASCII without spaces, and none of ${reservedClaims.join(', ')}`,
  (text) =>
    /^[\x21-\x7e]{1,200}$/.test(text) && text !== '__proto__' && !reservedClaims.includes(text) ? text : undefined,
);
