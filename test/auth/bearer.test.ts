import { createHash, createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Pair } from '../support/client.js';
import { appOfTest, minute, reasonOf } from './support.js';

const key = 'a test key of thirty-two bytes, or more of them';
const operation = '{ posts { totalCount } user(username: "alice") { username } me { username } }';
const forAnyone = { posts: { totalCount: 0 }, user: { username: 'alice' } };

describe('the bearer header', () => {
  let instance: TestApp;
  let pair: Pair;

  beforeAll(async () => {
    instance = await createTestApp('pglite');
    await instance.client().register('alice');
    pair = await instance.client().signIn('alice');
  });
  afterAll(() => instance.stop());

  const send = (headers: Record<string, string>) => {
    const client = instance.client();
    client.headers = headers;
    return client.query(operation);
  };
  const claims = (): jwt.JwtPayload => jwt.decode(pair.accessToken, { json: true }) ?? {};
  const signed = (changes: object, secret = key, options: jwt.SignOptions = {}) =>
    jwt.sign({ ...claims(), ...changes }, secret, options);

  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('may be spelled %s', async (scheme) => {
    const { data, errors } = await send({ authorization: `${scheme} ${pair.accessToken}` });
    expect(errors).toEqual([]);
    expect(data).toEqual({ ...forAnyone, me: { username: 'alice' } });
  });

  test.each(['Bearer  %', ' Bearer %', 'Bearer % '])('may have spaces about it: %j', async (header) => {
    expect((await send({ authorization: header.replace('%', pair.accessToken) })).errors).toEqual([]);
  });

  test('is read under any case of its name', async () => {
    expect((await send({ AUTHORIZATION: `Bearer ${pair.accessToken}` })).errors).toEqual([]);
  });

  /** Each makes the caller anonymous and no more: what anyone may read is still answered. */
  const refused: [what: string, header: () => string | null, reason: string][] = [
    ['no header', () => null, 'MISSING'],
    ['an empty header', () => '', 'MISSING'],
    ['another scheme', () => 'Basic YWxpY2U6c2VjcmV0', 'MISSING'],
    ['a token without a scheme', () => pair.accessToken, 'MISSING'],
    ['a scheme that only begins alike', () => `Bearers ${pair.accessToken}`, 'MISSING'],
    ['a scheme without a token', () => 'Bearer', 'MALFORMED'],
    ['a scheme and spaces', () => 'Bearer   ', 'MALFORMED'],
    ['two tokens', () => `Bearer ${pair.accessToken} ${pair.accessToken}`, 'MALFORMED'],
    ['two headers in one', () => `Bearer ${pair.accessToken}, Bearer ${pair.accessToken}`, 'MALFORMED'],
    ['a comma after it', () => `Bearer ${pair.accessToken},`, 'MALFORMED'],
    ['quotes about it', () => `Bearer "${pair.accessToken}"`, 'MALFORMED'],
    ['garbage', () => 'Bearer garbage', 'MALFORMED'],
    ['a token of 10,000 characters', () => `Bearer ${'x'.repeat(10_000)}`, 'MALFORMED'],
    ['a refresh token', () => `Bearer ${pair.refreshToken}`, 'WRONG_TYPE'],
    ['a token by another key', () => `Bearer ${signed({}, `${key}!`)}`, 'MALFORMED'],
    [
      'a token by the key under another algorithm',
      () => `Bearer ${signed({}, key, { algorithm: 'HS512' })}`,
      'MALFORMED',
    ],
    ['an unsigned token', () => `Bearer ${signed({}, '', { algorithm: 'none' })}`, 'MALFORMED'],
    ['a token with a changed payload', () => `Bearer ${swapPayload(pair.accessToken, { role: 'admin' })}`, 'MALFORMED'],
    ['an expired token', () => `Bearer ${signed({ exp: Math.floor(instance.clock.now() / 1000) })}`, 'EXPIRED'],
    ['an expired refresh token', () => `Bearer ${signed({ exp: 1, token_type: 'refresh' })}`, 'EXPIRED'],
    ['a token without a session', () => `Bearer ${signed({ sid: undefined })}`, 'MALFORMED'],
    ['a token of a role that is none', () => `Bearer ${signed({ role: 'root' })}`, 'MALFORMED'],
    ['a token of another type', () => `Bearer ${signed({ token_type: 'sliding' })}`, 'WRONG_TYPE'],
  ];
  test.each(refused)(
    'with %s: public fields answer, protected ones fail with the reason',
    async (_what, header, reason) => {
      const value = header();
      const { status, data, errors } = await send(value === null ? {} : { authorization: value });
      expect(status).toBe(200);
      expect(data).toEqual({ ...forAnyone, me: null });
      expect(errors).toEqual([
        {
          message: expect.any(String),
          path: ['me'],
          locations: expect.any(Array),
          extensions: { code: 'UNAUTHENTICATED', reason },
        },
      ]);
    },
  );

  test('a bad header is no hindrance to signing in', async () => {
    const client = instance.client();
    client.headers = { authorization: 'Bearer garbage' };
    expect((await client.signIn('alice')).user.username).toBe('alice');
  });

  test('is believed for five minutes, to the second', async () => {
    const client = instance.client();
    const { accessTokenExpiresAt } = await client.signIn('alice');
    expect(accessTokenExpiresAt).toBe(new Date(instance.clock.now() + 5 * minute).toISOString());
    instance.clock.advance(5 * minute - 1);
    expect(reasonOf(await client.query('{ me { id } }'))).toBe('OK');
    instance.clock.advance(1);
    expect(reasonOf(await client.query('{ me { id } }'))).toBe('EXPIRED');
    instance.clock.advance(-5 * minute);
  });
});

describe('the bearer under other settings', () => {
  const start = async (env: Record<string, string>) => {
    const instance = await appOfTest('pglite', { env });
    await instance.client().register('alice');
    const pair = await instance.client().signIn('alice');
    const reasonWith = async (headers: Record<string, string>) => {
      const client = instance.client();
      client.headers = headers;
      return reasonOf(await client.query('{ me { id } }'));
    };
    return { instance, pair, reasonWith };
  };

  test('JWT_AUTH_HEADER_TYPES names the schemes, the first of them in answers', async () => {
    const { pair, reasonWith } = await start({ JWT_AUTH_HEADER_TYPES: 'JWT,Token' });
    expect(pair).toMatchObject({ tokenType: 'JWT' });
    for (const scheme of ['JWT', 'jwt', 'Token']) {
      expect(await reasonWith({ authorization: `${scheme} ${pair.accessToken}` })).toBe('OK');
    }
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('MISSING');
  });

  test('JWT_AUTH_HEADER_NAME names the header', async () => {
    const { pair, reasonWith } = await start({ JWT_AUTH_HEADER_NAME: 'X-Access-Token' });
    expect(await reasonWith({ 'x-access-token': `Bearer ${pair.accessToken}` })).toBe('OK');
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('MISSING');
  });

  test('JWT_ISSUER and JWT_AUDIENCE are in every token and asked of every token', async () => {
    const { pair, reasonWith } = await start({ JWT_ISSUER: 'https://postern.example', JWT_AUDIENCE: 'blog' });
    for (const token of [pair.accessToken, pair.refreshToken]) {
      expect(jwt.decode(token)).toMatchObject({ iss: 'https://postern.example', aud: 'blog' });
    }
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('OK');
    const claims = jwt.decode(pair.accessToken, { json: true });
    for (const change of [{ iss: 'https://evil.example' }, { aud: 'shop' }, { iss: undefined }, { aud: undefined }]) {
      const token = jwt.sign({ ...claims, ...change }, key);
      expect(await reasonWith({ authorization: `Bearer ${token}` })).toBe('MALFORMED');
    }
  });

  test('JWT_AUDIENCE may name several: tokens list them all, and any one of them is enough', async () => {
    const { pair, reasonWith } = await start({ JWT_AUDIENCE: 'blog, shop' });
    for (const token of [pair.accessToken, pair.refreshToken]) {
      expect(jwt.decode(token)).toMatchObject({ aud: ['blog', 'shop'] });
    }
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('OK');
    const claims = jwt.decode(pair.accessToken, { json: true });
    const others: [aud: unknown, reason: string][] = [
      ['shop', 'OK'],
      [['else', 'blog'], 'OK'],
      ['else', 'MALFORMED'],
      [['else'], 'MALFORMED'],
      [[], 'MALFORMED'],
      ['blog, shop', 'MALFORMED'],
      [undefined, 'MALFORMED'],
    ];
    for (const [aud, reason] of others) {
      const token = jwt.sign({ ...claims, aud }, key);
      expect([aud, await reasonWith({ authorization: `Bearer ${token}` })]).toEqual([aud, reason]);
    }
  });

  test('the claims of user id, jti and type go by the names that are set', async () => {
    const env = { JWT_USER_ID_CLAIM: 'sub', JWT_JTI_CLAIM: 'token_id', JWT_TOKEN_TYPE_CLAIM: 'typ' };
    const { instance, pair, reasonWith } = await start(env);
    const access = jwt.decode(pair.accessToken, { json: true });
    expect(access).toMatchObject({ sub: pair.user.id, token_id: expect.any(String), typ: 'access' });
    expect(Object.keys(access ?? {})).not.toEqual(expect.arrayContaining(['user_id']));
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('OK');
    expect(await reasonWith({ authorization: `Bearer ${pair.refreshToken}` })).toBe('WRONG_TYPE');
    expect(reasonOf(await instance.client().refresh(pair.refreshToken))).toBe('OK');
  });

  test('JWT_LEEWAY lets a token live a little longer', async () => {
    const { instance, pair, reasonWith } = await start({ JWT_LEEWAY: '10s' });
    instance.clock.advance(5 * minute + 9_999);
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('OK');
    instance.clock.advance(1);
    expect(await reasonWith({ authorization: `Bearer ${pair.accessToken}` })).toBe('EXPIRED');
  });
});

describe('asymmetric signatures', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  const pss = { padding: 6, saltLength: 32 };

  test.each([
    ['RS256', rsa, {}],
    ['PS256', rsa, pss],
    ['ES256', p256, { dsaEncoding: 'ieee-p1363' as const }],
  ])(
    '%s: whoever has the JWKS can check the tokens, and nobody else’s are taken',
    async (algorithm, privateKey, options) => {
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const instance = await appOfTest('pglite', { env: { JWT_ALGORITHM: algorithm, JWT_SIGNING_KEY: pem } });
      const client = instance.client();
      await client.register('alice');
      const { accessToken, refreshToken } = await client.signIn('alice');

      const { keys }: { keys: JsonWebKey[] } = (await instance.app.http.inject('/.well-known/jwks.json')).json();
      const [jwk] = keys;
      expect(keys).toHaveLength(1);
      expect(jwk).toMatchObject({ alg: algorithm, use: 'sig', kid: thumbprint(jwk ?? {}) });
      expect(jwk).not.toHaveProperty('d');
      for (const token of [accessToken, refreshToken]) {
        const [header = '', payload = '', signature = ''] = token.split('.');
        expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
          alg: algorithm,
          typ: 'JWT',
          kid: thumbprint(jwk ?? {}),
        });
        const publicKey = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
        const signedPart = Buffer.from(`${header}.${payload}`);
        expect(verify('sha256', signedPart, { key: publicKey, ...options }, Buffer.from(signature, 'base64url'))).toBe(
          true,
        );
      }

      expect(reasonOf(await client.query('{ me { id } }'))).toBe('OK');
      expect(reasonOf(await client.refresh(refreshToken))).toBe('OK');
      // The public key, which anybody has, must not do as an HMAC secret (RFC 8725, section 2.1).
      const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
      const [, payload = ''] = accessToken.split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');
      const mac = createHmac('sha256', publicPem).update(`${header}.${payload}`).digest('base64url');
      client.token = `${header}.${payload}.${mac}`;
      expect(reasonOf(await client.query('{ me { id } }'))).toBe('MALFORMED');
    },
  );

  test('an HMAC key is in no JWKS', async () => {
    const instance = await appOfTest('pglite');
    expect((await instance.app.http.inject('/.well-known/jwks.json')).json()).toEqual({ keys: [] });
  });
});

/** RFC 7638, written out by its section 3. */
function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const text =
    kty === 'EC' ? `{"crv":"${crv}","kty":"EC","x":"${x}","y":"${y}"}` : `{"e":"${e}","kty":"RSA","n":"${n}"}`;
  return createHash('sha256').update(text).digest('base64url');
}

function swapPayload(token: string, changes: object): string {
  const [header, , signature] = token.split('.');
  const payload = { ...(jwt.decode(token, { json: true }) ?? {}), ...changes };
  return [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
}
