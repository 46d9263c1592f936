import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { JwtAlgorithm } from '../../src/config.js';
import { type AccessClaims, type RefreshClaims, TokenError } from '../../src/modules/auth/tokens/claims.js';
import { loadSigningKeys, type SigningKeys } from '../../src/modules/auth/tokens/signing-keys.js';
import { TokenCodec, type TokenCodecSettings } from '../../src/modules/auth/tokens/token-codec.js';

const NOW = Date.parse('2026-11-23T21:15:12.368Z');
const SECRET = 'correct-horse-battery-staple-correct-horse-battery-staple-64bytes';
const NOW_SECONDS = Math.floor(NOW / 1000);

const hmacAlgorithms: JwtAlgorithm[] = ['HS256', 'HS384', 'HS512'];
const rsaAlgorithms: JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ecAlgorithms: JwtAlgorithm[] = ['ES256', 'ES384', 'ES512'];
const algorithms = [...hmacAlgorithms, ...rsaAlgorithms, ...ecAlgorithms];

const rsaPem = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const ecPems: Partial<Record<JwtAlgorithm, string>> = {
  ES256: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  ES384: pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
  ES512: pem(generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey),
};

const keys = new Map<JwtAlgorithm, SigningKeys>();
const defaults: TokenCodecSettings = {
  issuer: null,
  audience: [],
  leeway: 0,
  authTokenClasses: ['access'],
  claims: { userId: 'user_id', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
};

const access: AccessClaims = {
  tokenType: 'access',
  jti: '019ab1f0-0000-7000-8000-000000000001',
  userId: '019ab1f0-0000-7000-8000-000000000002',
  sessionId: '019ab1f0-0000-7000-8000-000000000003',
  issuedAt: new Date(NOW_SECONDS * 1000),
  expiresAt: new Date((NOW_SECONDS + 300) * 1000),
  role: 'ADMIN',
  email: 'alice@example.com',
  tokenVersion: 3,
  amr: ['pwd'],
  authenticatedAt: new Date((NOW_SECONDS - 60) * 1000),
};
const refresh: RefreshClaims = {
  tokenType: 'refresh',
  jti: access.jti,
  userId: access.userId,
  sessionId: access.sessionId,
  issuedAt: access.issuedAt,
  expiresAt: access.expiresAt,
};
const accessPayload = {
  token_type: 'access',
  exp: NOW_SECONDS + 300,
  iat: NOW_SECONDS,
  jti: access.jti,
  user_id: access.userId,
  sid: access.sessionId,
  role: 'admin',
  email: access.email,
  token_version: 3,
  amr: ['pwd'],
  auth_time: NOW_SECONDS - 60,
};
const plainHeader = { alg: 'HS256', typ: 'JWT' };

beforeAll(async () => {
  for (const algorithm of algorithms) {
    const signingKey = hmacAlgorithms.includes(algorithm) ? SECRET : (ecPems[algorithm] ?? rsaPem);
    keys.set(algorithm, await loadSigningKeys({ algorithm, signingKey, verifyingKey: null }, '/nowhere'));
  }
});

describe('a round trip', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  const second = fc.integer({ min: 0, max: 3600 });
  const arbitraryClaims = fc.record({
    jti: fc.uuid(),
    userId: fc.uuid(),
    sessionId: fc.uuid(),
    issuedAt: second.map((back) => new Date((NOW_SECONDS - back) * 1000)),
    expiresAt: second.map((ahead) => new Date((NOW_SECONDS + 1 + ahead) * 1000)),
  });

  test.each(algorithms)('%s gives back every claim of an access token', (algorithm) => {
    const extra = fc.record({
      role: fc.constantFrom('USER' as const, 'ADMIN' as const),
      email: text,
      tokenVersion: fc.maxSafeNat(),
      amr: fc.array(text),
      authenticatedAt: fc.nat({ max: 1_000_000_000 }).map((back) => new Date((NOW_SECONDS - back) * 1000)),
    });
    fc.assert(
      fc.property(arbitraryClaims, extra, (common, own) => {
        const claims: AccessClaims = { tokenType: 'access', ...common, ...own };
        expect(codec({ algorithm }).verifyBearer(codec({ algorithm }).signBearer(claims))).toEqual(claims);
      }),
      { numRuns: 25 },
    );
  });

  test.each(algorithms)('%s gives back every claim of a refresh token', (algorithm) => {
    fc.assert(
      fc.property(arbitraryClaims, (common) => {
        const claims: RefreshClaims = { tokenType: 'refresh', ...common };
        expect(codec({ algorithm }).verifyRefresh(codec({ algorithm }).signRefresh(claims))).toEqual(claims);
      }),
      { numRuns: 10 },
    );
  });

  test('milliseconds are cut off, as tokens count in whole seconds', () => {
    const token = codec().signRefresh({
      ...refresh,
      issuedAt: new Date(NOW_SECONDS * 1000 + 999),
      expiresAt: new Date(NOW_SECONDS * 1000 + 5999),
    });
    expect(codec().verify(token)).toMatchObject({
      issuedAt: new Date(NOW_SECONDS * 1000),
      expiresAt: new Date((NOW_SECONDS + 5) * 1000),
    });
  });

  test.each([...hmacAlgorithms, 'RS256', 'RS384', 'RS512'] as JwtAlgorithm[])(
    '%s signs the same claims to the same bytes',
    (algorithm) => {
      expect(codec({ algorithm }).signRefresh({ ...refresh })).toBe(codec({ algorithm }).signRefresh({ ...refresh }));
      expect(codec({ algorithm }).signBearer({ ...access })).toBe(codec({ algorithm }).signBearer({ ...access }));
    },
  );

  test.each(['1970-01-01T00:00:00Z', 'never'])('a date of %p is refused when signing', (date) => {
    expect(() => codec().signRefresh({ ...refresh, issuedAt: new Date(date) })).toThrow(RangeError);
  });
});

describe('the wire form', () => {
  test("a refresh token has SimpleJWT's layout and the session", () => {
    const payload = {
      token_type: 'refresh',
      exp: accessPayload.exp,
      iat: accessPayload.iat,
      jti: refresh.jti,
      user_id: refresh.userId,
      sid: refresh.sessionId,
    };
    const foreign = forge(plainHeader, payload);
    expect(codec().signRefresh(refresh)).toBe(foreign);
    expect(codec().verifyRefresh(foreign)).toEqual(refresh);
  });

  test('an access token adds role, e-mail, the token version, and how and when the user signed in', () => {
    expect(codec().signBearer(access)).toBe(forge(plainHeader, accessPayload));
  });

  test('a token without the session is not ours', () => {
    const { sid: _, ...payload } = accessPayload;
    expect(refusal(forge(plainHeader, payload))).toBe('MALFORMED');
  });

  test('HMAC tokens carry no kid, asymmetric ones the thumbprint', () => {
    expect(headerOf(codec().signBearer(access))).toEqual({ alg: 'HS256', typ: 'JWT' });
    const kid = keysFor('ES256').kid;
    expect(kid).toMatch(/^[\w-]{43}$/);
    expect(headerOf(codec({ algorithm: 'ES256' }).signBearer(access))).toEqual({ alg: 'ES256', typ: 'JWT', kid });
  });

  test('claim names, issuer and audience are those of the settings', () => {
    const settings = {
      issuer: 'postern',
      audience: ['blog'],
      claims: { userId: 'sub', jti: 'id', tokenType: 'kind', refreshExp: 'refresh_exp' },
    };
    const token = codec({ settings }).signRefresh(refresh);
    expect(payloadOf(token)).toEqual({
      kind: 'refresh',
      exp: accessPayload.exp,
      iat: accessPayload.iat,
      id: refresh.jti,
      sub: refresh.userId,
      sid: refresh.sessionId,
      aud: 'blog',
      iss: 'postern',
    });
    expect(codec({ settings }).verifyRefresh(token)).toEqual(refresh);
    expect(refusal(token)).toBe('MALFORMED');
  });

  test.each([
    { userId: 'jti', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
    { userId: 'exp', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
    { userId: 'user_id', jti: 'jti', tokenType: 'role', refreshExp: 'refresh_exp' },
    { userId: '', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
    { userId: 'user_id', jti: 'jti', tokenType: 'token_type', refreshExp: 'jti' },
  ])('claim names that collide are refused: %p', (claims) => {
    expect(() => codec({ settings: { claims } })).toThrow('must differ');
  });
});

describe('time', () => {
  test.each([
    { leeway: 0, sinceExpiry: -1, accepted: true },
    { leeway: 0, sinceExpiry: 0, accepted: false },
    { leeway: 5000, sinceExpiry: 4999, accepted: true },
    { leeway: 5000, sinceExpiry: 5000, accepted: false },
    { leeway: 250, sinceExpiry: 249, accepted: true },
  ])(
    'with $leeway ms leeway, $sinceExpiry ms after expiry: accepted $accepted',
    ({ leeway, sinceExpiry, accepted }) => {
      const now = access.expiresAt.getTime() + sinceExpiry;
      const verdict = attempt(() => codec({ settings: { leeway }, now }).verify(codec().signBearer(access)));
      expect(verdict).toEqual(accepted ? access : 'EXPIRED');
    },
  );

  test.each([
    { nbf: NOW_SECONDS, expected: 'accepted' },
    { nbf: NOW_SECONDS + 1, expected: 'MALFORMED' },
    { nbf: String(NOW_SECONDS), expected: 'MALFORMED' },
  ])('a token that is not valid before $nbf is $expected', ({ nbf, expected }) => {
    const verdict = attempt(() => codec().verify(forge(plainHeader, { ...accessPayload, nbf })));
    expect(verdict).toEqual(expected === 'accepted' ? access : expected);
  });
});

describe('the reason of a refusal', () => {
  const expired = { ...accessPayload, exp: NOW_SECONDS - 1 };

  test('an expired token with a bad signature is malformed', () => {
    expect(refusal(forge(plainHeader, expired, 'another secret'))).toBe('MALFORMED');
  });

  test.each(['sid', 'role', 'email', 'iat', 'jti', 'user_id', 'token_type'])(
    'an expired token without %s is malformed',
    (name) => {
      expect(refusal(forge(plainHeader, { ...expired, [name]: undefined }))).toBe('MALFORMED');
    },
  );

  test('a token with the claims of the contract and no more is understood, and is of the oldest version', () => {
    const { token_version, amr, auth_time, ...contract } = accessPayload;
    expect([token_version, amr, auth_time]).not.toContain(undefined);
    const oldest = { tokenVersion: 0, amr: [], authenticatedAt: new Date(0) };
    expect(codec().verify(forge(plainHeader, contract))).toEqual({ ...access, ...oldest });
  });

  test('an expired token is called so, whatever its ids look like', () => {
    expect(refusal(forge(plainHeader, { ...expired, jti: 'abc', user_id: '1', sid: '2' }))).toBe('EXPIRED');
  });

  test('an expired token of another issuer or audience is malformed', () => {
    const strict = codec({ settings: { issuer: 'postern', audience: ['blog'] } });
    expect(refusal(forge(plainHeader, { ...expired, iss: 'other', aud: 'blog' }), strict)).toBe('MALFORMED');
    expect(refusal(forge(plainHeader, { ...expired, iss: 'postern', aud: 'other' }), strict)).toBe('MALFORMED');
    expect(refusal(forge(plainHeader, { ...expired, iss: 'postern', aud: ['x', 'blog'] }), strict)).toBe('EXPIRED');
  });

  test('an expired token of the wrong type is expired', () => {
    expect(attempt(() => codec().verifyRefresh(forge(plainHeader, expired)))).toBe('EXPIRED');
    expect(refusal(forge(plainHeader, { ...expired, token_type: 'sliding' }))).toBe('EXPIRED');
  });

  test('a token of the other type, or of none that we know, has the wrong type', () => {
    expect(attempt(() => codec().verifyRefresh(codec().signBearer(access)))).toBe('WRONG_TYPE');
    expect(attempt(() => codec().verifyBearer(codec().signRefresh(refresh)))).toBe('WRONG_TYPE');
    expect(refusal(forge(plainHeader, { ...accessPayload, token_type: 'sliding' }))).toBe('WRONG_TYPE');
  });

  test('the error never shows the token', () => {
    const token = forge(plainHeader, expired);
    const error = caught(() => codec().verify(token));
    for (const part of token.split('.')) expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(part);
  });
});

describe('hostile headers', () => {
  test.each([
    ['no algorithm', { typ: 'JWT' }],
    ['none', { ...plainHeader, alg: 'none' }],
    ['another HMAC', { ...plainHeader, alg: 'HS512' }],
    ['an algorithm in other case', { ...plainHeader, alg: 'hs256' }],
    ['a list of algorithms', { ...plainHeader, alg: ['HS256'] }],
    ['crit', { ...plainHeader, crit: ['exp'] }],
    ['an unencoded payload', { ...plainHeader, b64: false, crit: ['b64'] }],
    ['b64 alone', { ...plainHeader, b64: false }],
    ['an embedded key', { ...plainHeader, jwk: { kty: 'oct', k: 'AAAA' } }],
    ['a key address', { ...plainHeader, jku: 'https://evil.example/jwks.json' }],
    ['a certificate', { ...plainHeader, x5c: ['MIIB'] }],
    ['a certificate address', { ...plainHeader, x5u: 'https://evil.example/cert' }],
    ['another kind of JWT', { ...plainHeader, typ: 'dpop+jwt' }],
    ['an inherited name', JSON.parse('{"alg":"HS256","typ":"JWT","__proto__":{"kid":1}}')],
    ['a list', ['HS256']],
    ['null', null],
    ['a number', 5],
  ])('%s is refused, even under a right signature', (_, header) => {
    expect(refusal(forge(header, accessPayload))).toBe('MALFORMED');
  });

  test('an unsigned token is refused', () => {
    const [header, payload] = [encode({ ...plainHeader, alg: 'none' }), encode(accessPayload)];
    for (const token of [`${header}.${payload}.`, `${header}.${payload}`, `${encode(plainHeader)}.${payload}.`]) {
      expect(refusal(token)).toBe('MALFORMED');
    }
  });

  test.each(['RS256', 'PS256', 'ES256'] as const)('the public key of %s is no HMAC secret', (algorithm) => {
    const { verifyingKey, kid } = keysFor(algorithm);
    const secrets = [
      verifyingKey.export({ type: 'spki', format: 'pem' }),
      verifyingKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(verifyingKey.export({ format: 'jwk' })),
    ];
    for (const secret of secrets) {
      const token = forge({ ...plainHeader, kid }, accessPayload, secret);
      expect(refusal(token, codec({ algorithm }))).toBe('MALFORMED');
      const relabelled = forge({ alg: algorithm, typ: 'JWT', kid }, accessPayload, secret);
      expect(refusal(relabelled, codec({ algorithm }))).toBe('MALFORMED');
    }
  });

  test('RS256 and PS256 under one key are not interchangeable', () => {
    expect(refusal(codec({ algorithm: 'RS256' }).signBearer(access), codec({ algorithm: 'PS256' }))).toBe('MALFORMED');
  });

  test('another kid is refused though the signature is right, none is accepted', () => {
    const own = keysFor('RS256');
    const withKid = (kid: string | null) =>
      new TokenCodec(Object.create(own, { kid: { value: kid } }), defaults, { now: () => NOW });
    expect(refusal(withKid('another').signBearer(access), codec({ algorithm: 'RS256' }))).toBe('MALFORMED');
    expect(codec({ algorithm: 'RS256' }).verify(withKid(null).signBearer(access))).toEqual(access);
  });
});

describe('hostile payloads', () => {
  test.each([
    ['exp as a text', { exp: String(NOW_SECONDS + 300) }],
    ['a huge exp', { exp: 1e300 }],
    ['an exp past the last date', { exp: 8_640_000_000_001 }],
    ['a negative exp', { exp: -1 }],
    ['exp null', { exp: null }],
    ['exp true', { exp: true }],
    ['exp in a list', { exp: [NOW_SECONDS + 300] }],
    ['iat as a text', { iat: String(NOW_SECONDS) }],
    ['a huge iat', { iat: 1e300 }],
    ['no exp', { exp: undefined }],
    ['a number as user', { user_id: 1 }],
    ['an empty user', { user_id: '' }],
    ['a list as user', { user_id: ['a'] }],
    ['an object as jti', { jti: { toString: 'x' } }],
    ['a user id that is no UUID', { user_id: '1' }],
    ['a number as session', { sid: 1 }],
    ['a session in capitals', { sid: '019AB1F0-0000-7000-8000-000000000003' }],
    ['a list as type', { token_type: ['access'] }],
    ['no type', { token_type: undefined }],
    ['a role in other case', { role: 'ADMIN' }],
    ['an unknown role', { role: 'root' }],
    ['a list as role', { role: ['admin'] }],
    ['a negative version', { token_version: -1 }],
    ['a broken version', { token_version: 1.5 }],
    ['a version as text', { token_version: '3' }],
    ['an unsafe version', { token_version: 2 ** 53 }],
    ['a method that is no list', { amr: 'pwd' }],
    ['a method that is no word', { amr: [1] }],
    ['a time of sign-in as text', { auth_time: '1' }],
  ])('%s is refused', (_, change) => {
    expect(refusal(forge(plainHeader, { ...accessPayload, ...change }))).toBe('MALFORMED');
  });

  test.each([
    ['exp 1e400', JSON.stringify(accessPayload).replace(/"exp":\d+/, '"exp":1e400')],
    ['exp NaN', JSON.stringify(accessPayload).replace(/"exp":\d+/, '"exp":NaN')],
    ['exp twice, the last one odd', JSON.stringify(accessPayload).replace('}', ',"exp":"1"}')],
    ['a list', JSON.stringify([accessPayload])],
    ['null', 'null'],
    ['a text', '"access"'],
    ['no JSON', 'token_type=access'],
    ['cut off', JSON.stringify(accessPayload).slice(0, -1)],
    ['deep nesting', '['.repeat(5000)],
    ['claims on the prototype', `{"__proto__":${JSON.stringify(accessPayload)}}`],
  ])('a payload of %s is refused', (_, json) => {
    expect(refusal(forge(plainHeader, json))).toBe('MALFORMED');
  });

  test('of a claim that comes twice the last counts, as RFC 7519 has it', () => {
    const twice = JSON.stringify(accessPayload).replace('}', ',"token_version":9}');
    expect(codec().verify(forge(plainHeader, twice))).toEqual({ ...access, tokenVersion: 9 });
  });

  test('inherited properties are no claims, whatever the settings call them', () => {
    const settings = {
      claims: { userId: 'user_id', jti: 'constructor', tokenType: 'toString', refreshExp: 'refresh_exp' },
    };
    expect(refusal(forge(plainHeader, accessPayload), codec({ settings }))).toBe('MALFORMED');
  });

  test('a token of 8 KiB is read, a longer one is not', () => {
    const padded = (length: number) => forge(plainHeader, { ...accessPayload, pad: 'x'.repeat(length) });
    let length = 5000;
    while (padded(length + 1).length <= 8192) length += 1;
    expect(codec().verify(padded(length))).toEqual(access);
    expect(refusal(padded(length + 1))).toBe('MALFORMED');
  });
});

describe('broken text', () => {
  test.each(algorithms)('a %s token with any character changed is refused', (algorithm) => {
    const tokens = [codec({ algorithm }).signBearer(access), codec({ algorithm }).signRefresh(refresh)];
    const character = fc.constantFrom(...'ABYZabyz0189-_.+/= \n\0é');
    fc.assert(
      fc.property(fc.constantFrom(...tokens), fc.nat(), character, (token, position, replacement) => {
        const index = position % token.length;
        fc.pre(token[index] !== replacement);
        const changed = token.slice(0, index) + replacement + token.slice(index + 1);
        expect(refusal(changed, codec({ algorithm }))).toBe('MALFORMED');
      }),
      { numRuns: 150 },
    );
  });

  test.each(algorithms)("a %s signature's spare bits are not free", (algorithm) => {
    const token = codec({ algorithm }).signBearer(access);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const last of alphabet.replace(token.slice(-1), '')) {
      expect(refusal(token.slice(0, -1) + last, codec({ algorithm }))).toBe('MALFORMED');
    }
  });

  test('dots, spaces, padding and line ends around a good token are refused', () => {
    const token = codec().signBearer(access);
    const variants = [`${token}.`, `.${token}`, `${token}.x`, ` ${token}`, `${token}\n`, `${token}=`, `${token}\0`];
    for (const variant of variants) expect(refusal(variant)).toBe('MALFORMED');
  });

  test('no text whatsoever makes it throw anything but a TokenError', () => {
    const units = fc.array(fc.nat(0xffff), { maxLength: 80 }).map((codes) => String.fromCharCode(...codes));
    const parts = fc.array(fc.base64String({ maxLength: 60 }), { maxLength: 5 }).map((list) => list.join('.'));
    const signed = fc
      .tuple(fc.oneof(fc.constant(plainHeader), fc.jsonValue()), fc.oneof(fc.json(), fc.string({ unit: 'binary' })))
      .map(([header, payload]) => forge(header, payload));
    const tampered = fc
      .tuple(fc.constantFrom(...Object.keys(accessPayload)), fc.jsonValue())
      .map(([name, value]) => forge(plainHeader, { ...accessPayload, [name]: value }));
    fc.assert(
      fc.property(fc.oneof(units, parts, signed, tampered), (token) => {
        for (const algorithm of ['HS256', 'ES256'] as const) {
          const error = caught(() => codec({ algorithm }).verify(token));
          expect(error === undefined || error instanceof TokenError).toBe(true);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test.each([undefined, null, 5, {}, ['a.b.c'], Buffer.from('a.b.c')])('%p instead of a text is malformed', (value) => {
    const untyped: { verify(token: unknown): unknown } = codec();
    expect(attempt(() => untyped.verify(value))).toBe('MALFORMED');
  });
});

interface CodecOptions {
  algorithm?: JwtAlgorithm;
  settings?: Partial<TokenCodecSettings>;
  now?: number;
}

function codec({ algorithm = 'HS256', settings = {}, now = NOW }: CodecOptions = {}): TokenCodec {
  return new TokenCodec(keysFor(algorithm), { ...defaults, ...settings }, { now: () => now });
}

function keysFor(algorithm: JwtAlgorithm): SigningKeys {
  const found = keys.get(algorithm);
  if (!found) throw new Error(`no keys for ${algorithm}`);
  return found;
}

/** A JWT by hand (RFC 7515, appendix A.1), with no library between it and the bytes. */
function forge(header: unknown, payload: unknown, secret: string | Buffer = SECRET): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function payloadOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function refusal(token: string, by = codec()): unknown {
  return attempt(() => by.verify(token));
}

/** What it returns, or the reason of its TokenError; any other error goes through. */
function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof TokenError) return error.reason;
    throw error;
  }
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
