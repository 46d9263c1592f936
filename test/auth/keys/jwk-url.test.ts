import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '../../../src/config.js';
import { thumbprint } from '../../../src/modules/auth/keys/key-pair.js';
import type { TestApp } from '../../support/app.js';
import { ordinaryDatabaseKinds, type TestDatabaseKind } from '../../support/databases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { mailed } from '../../support/mailed.js';
import { appOfTest, execute, minute, reasonOf, second } from '../support.js';
import { forge } from './support.js';

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const own = pem(ec().privateKey);
const theirs = ec();
const kid = thumbprint(theirs.publicKey.export({ format: 'jwk' }));
const jwk = (pair = theirs, more: object = {}) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid: thumbprint(pair.publicKey.export({ format: 'jwk' })),
  use: 'sig',
  alg: 'ES256',
  ...more,
});

/** The other issuer: answers with what the test says, and counts. */
let keys: unknown[];
let answer: { status: number; headers: Record<string, string>; body: string } | null;
let requests: number;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((_request, response) => {
    requests += 1;
    const { status, headers, body } = answer ?? { status: 200, headers: {}, body: JSON.stringify({ keys }) };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/jwks.json?secret=in-the-query`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

let clock: FakeClock;
let instance: TestApp;
let alice: { id: string };
let lines: string[];

beforeEach(() => {
  keys = [jwk()];
  answer = null;
  requests = 0;
  clock = new FakeClock();
  lines = [];
});

async function start(env: Record<string, string> = {}, kind: TestDatabaseKind = 'postgres'): Promise<void> {
  instance = await appOfTest(kind, {
    clock,
    env: { JWT_ALGORITHM: 'ES256', JWT_SIGNING_KEY: own, JWT_JWK_URL: url, ...env },
    log: (line) => lines.push(line),
  });
  alice = await instance.client().register('alice');
}

const claims = (more: object = {}) => {
  const now = clock.now() / 1000;
  return { token_type: 'access', exp: now + 3600, iat: now, jti: 'any', user_id: alice.id, ...more };
};

/** A token of the other issuer. */
function foreign(more: object = {}, header: object = {}, key = theirs.privateKey): string {
  return forge(pem(key), { alg: 'ES256', typ: 'JWT', kid, ...header }, claims(more));
}

async function bearer(token: string) {
  const client = instance.client();
  client.token = token;
  return client.query<{ me: { username: string; role: string } | null }>('{ me { username role } }');
}

const reasonFor = async (token: string) => reasonOf(await bearer(token));
const verify = (token: string) =>
  instance
    .client()
    .query<{ verifyToken: object }>(`mutation { verifyToken(token: "${token}") { tokenType jti userId sessionId } }`);

const nilUuid = '00000000-0000-0000-0000-000000000000';

describe.each(ordinaryDatabaseKinds)('a foreign access token on %s', (kind) => {
  test('proves who asks, by one statement a request more', async () => {
    await start({}, kind);
    const token = foreign();
    instance.takeStatements();
    expect((await bearer(token)).data.me).toEqual({ username: 'alice', role: 'USER' });
    expect(instance.takeStatements()).toHaveLength(2);
    expect((await verify(token)).data.verifyToken).toEqual({
      tokenType: 'ACCESS',
      jti: 'any',
      userId: alice.id,
      sessionId: nilUuid,
    });
  });

  test('has no say in the role: that and activity are the database’s', async () => {
    await start({}, kind);
    const token = foreign({ role: 'admin', email: 'root@example.com', token_version: 99 });
    expect((await bearer(token)).data.me?.role).toBe('USER');
    await execute(instance, "update users set role = 'ADMIN'");
    expect((await bearer(token)).data.me?.role).toBe('ADMIN');
    await execute(instance, 'update users set is_active = false');
    expect(await reasonFor(token)).toBe('REVOKED');
    expect(reasonOf(await verify(token))).toBe('USER_INACTIVE');
    await execute(instance, 'delete from users');
    expect(await reasonFor(token)).toBe('REVOKED');
    expect(reasonOf(await verify(token))).toBe('USER_INACTIVE');
  });

  test('is no recent sign-in, whatever it says of when that was: what changes who can sign in takes the password', async () => {
    await start({}, kind);
    const token = foreign({ auth_time: Math.floor(clock.now() / 1_000), amr: ['hwk', 'user', 'mfa'] });
    const client = instance.client();
    client.token = token;
    for (const operation of ['startPasskeyRegistration { token }', 'startSecondFactor(method: TOTP) { method }']) {
      const { extensions } = await client.error(`mutation { ${operation} }`);
      expect(extensions).toEqual({ code: 'FORBIDDEN', reason: 'SIGN_IN_TOO_OLD' });
    }
  });

  test('dies with the password and with the session that it names', async () => {
    await start({}, kind);
    const client = instance.client();
    await client.signIn('alice');
    const { sessions } = await client.data<{ sessions: { id: string }[] }>('{ sessions { id } }');
    const token = foreign({ sid: sessions[0]?.id });
    expect(await reasonFor(token)).toBe('OK');
    await client.data('mutation { logout { sessionsEnded } }');
    expect(await reasonFor(token)).toBe('REVOKED');
    expect(reasonOf(await verify(token))).toBe('REVOKED');

    const another = foreign();
    expect(await reasonFor(another)).toBe('OK');
    await execute(instance, `update users set password_changed_at = '${new Date(clock.now() + 500).toISOString()}'`);
    expect(await reasonFor(another)).toBe('REVOKED');
    clock.advance(second);
    expect(await reasonFor(foreign())).toBe('OK');
    expect(await reasonFor(foreign({ iat: undefined }))).toBe('REVOKED');
  });
});

describe('a foreign token', () => {
  beforeEach(() => start());

  test.each([
    ['of an unknown user', () => foreign({ user_id: crypto.randomUUID() }), 'REVOKED'],
    ['of an id that is none of ours', () => foreign({ user_id: '1' }), 'MALFORMED'],
    ['without a user', () => foreign({ user_id: undefined }), 'MALFORMED'],
    ['without exp', () => foreign({ exp: undefined }), 'MALFORMED'],
    ['without jti', () => foreign({ jti: undefined }), 'MALFORMED'],
    ['without a type', () => foreign({ token_type: undefined }), 'MALFORMED'],
    ['of an odd time', () => foreign({ iat: 'now' }), 'MALFORMED'],
    ['that is not valid yet', () => foreign({ nbf: clock.now() / 1000 + 1 }), 'MALFORMED'],
    ['that has expired', () => foreign({ exp: clock.now() / 1000 }), 'EXPIRED'],
    ['for refreshing', () => foreign({ token_type: 'refresh' }), 'WRONG_TYPE'],
    ['of another key', () => foreign({}, {}, ec().privateKey), 'MALFORMED'],
    ['with a key of its own', () => foreign({}, { jwk: jwk() }), 'MALFORMED'],
    ['without kid', () => foreign({}, { kid: undefined }), 'OK'],
    ['with a session that is none', () => foreign({ sid: 'abc' }), 'OK'],
    [
      'signed by its public key as a secret',
      () =>
        forge(
          String(theirs.publicKey.export({ type: 'spki', format: 'pem' })).replaceAll('-----', ''),
          { alg: 'HS256', typ: 'JWT', kid },
          claims(),
        ),
      'MALFORMED',
    ],
  ])('%s is judged so', async (_, token, expected) => {
    expect(await reasonFor(token())).toBe(expected);
  });

  test('is good for a bearer and for verifyToken, and for nothing else', async () => {
    const token = foreign({ token_type: 'refresh', jti: crypto.randomUUID(), sid: crypto.randomUUID() });
    expect(reasonOf(await instance.client().refresh(token))).toBe('MALFORMED');
    expect(reasonOf(await verify(token))).toBe('WRONG_TYPE');
    const { data } = await instance.client().query(`mutation { revokeToken(token: "${foreign()}") }`);
    expect(data).toEqual({ revokeToken: true });
  });

  test('leaves our own tokens as they are, for which the other issuer is not asked', async () => {
    const client = instance.client();
    await client.signIn('alice');
    expect(reasonOf(await client.query('{ me { id } }'))).toBe('OK');
    client.token = `${client.token?.slice(0, -4)}AAAA`;
    expect(reasonOf(await client.query('{ me { id } }'))).toBe('MALFORMED');
    expect(requests).toBe(0);
  });
});

test('a foreign token that an RSA key has signed proves who asks, too, with issuer and audience', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwkOfRsa = jwk(rsa, { alg: 'RS256' });
  keys = [jwkOfRsa];
  await start({
    JWT_ALGORITHM: 'RS256',
    JWT_SIGNING_KEY: pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    JWT_ISSUER: 'https://id.example',
    JWT_AUDIENCE: 'blog',
  });
  const header = { alg: 'RS256', typ: 'JWT', kid: jwkOfRsa.kid };
  const token = (pair: typeof rsa) =>
    forge(pem(pair.privateKey), header, claims({ iss: 'https://id.example', aud: 'blog' }));
  expect((await bearer(token(rsa))).data.me).toEqual({ username: 'alice', role: 'USER' });
  expect(await reasonFor(token(generateKeyPairSync('rsa', { modulusLength: 2048 })))).toBe('MALFORMED');
});

test('issuer and audience must be those of the settings', async () => {
  await start({ JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'blog' });
  expect(await reasonFor(foreign())).toBe('MALFORMED');
  expect(await reasonFor(foreign({ iss: 'https://id.example' }))).toBe('MALFORMED');
  expect(await reasonFor(foreign({ iss: 'https://id.example', aud: ['x', 'blog'] }))).toBe('OK');
});

describe('the keys of the other issuer', () => {
  beforeEach(() => start());

  test('are fetched once for any number of requests at once, and kept for five minutes', async () => {
    const token = foreign();
    expect(await Promise.all(Array.from({ length: 20 }, () => reasonFor(token)))).toEqual(Array(20).fill('OK'));
    expect(requests).toBe(1);
    clock.advance(5 * minute - 1);
    expect(await reasonFor(token)).toBe('OK');
    expect(requests).toBe(1);
    clock.advance(1);
    expect(await reasonFor(token)).toBe('OK');
    expect(requests).toBe(2);
  });

  test('are fetched again for a kid that is not among them, at most once a minute', async () => {
    expect(await reasonFor(foreign())).toBe('OK');
    const next = ec();
    const token = () => foreign({}, { kid: jwk(next).kid }, next.privateKey);
    keys = [jwk(), jwk(next)];
    clock.advance(minute - 1);
    for (let time = 0; time < 5; time++) expect(await reasonFor(token())).toBe('MALFORMED');
    expect(requests).toBe(1);
    clock.advance(1);
    expect(await reasonFor(token())).toBe('OK');
    expect(requests).toBe(2);
  });

  test('are neither kept nor left alone for as long as the clock is set back', async () => {
    clock.advance(24 * 60 * minute);
    expect(await reasonFor(foreign())).toBe('OK');
    clock.advance(-24 * 60 * minute);
    keys = [];
    for (let time = 0; time < 5; time++) expect(await reasonFor(foreign())).toBe('MALFORMED');
    expect(requests).toBe(2);
  });

  test('that were withdrawn are refused from the next fetch on', async () => {
    const token = foreign();
    expect(await reasonFor(token)).toBe('OK');
    keys = [];
    clock.advance(5 * minute);
    expect(await reasonFor(token)).toBe('MALFORMED');
  });

  test('outlive a failure for ten minutes and no longer, and come back', async () => {
    const token = foreign();
    expect(await reasonFor(token)).toBe('OK');
    answer = { status: 503, headers: {}, body: 'out' };
    clock.advance(10 * minute - 1);
    expect(await reasonFor(token)).toBe('OK');
    clock.advance(1);
    expect(await reasonFor(token)).toBe('MALFORMED');
    answer = null;
    expect(await reasonFor(token)).toBe('MALFORMED');
    clock.advance(minute);
    expect(await reasonFor(token)).toBe('OK');
  });

  test.each([
    ['a failure', () => ({ status: 500, headers: {}, body: '{}' }), 'the answer has status 500'],
    ['a redirect', () => ({ status: 302, headers: { location: `${url}&again` }, body: '' }), 'redirect'],
    ['no JSON', () => ({ status: 200, headers: {}, body: '<html>' }), 'the answer is no JWK Set'],
    ['another JSON', () => ({ status: 200, headers: {}, body: '{"keys":1}' }), 'the answer is no JWK Set'],
    [
      'far too much',
      () => ({ status: 200, headers: {}, body: JSON.stringify({ keys, pad: 'x'.repeat(65_536) }) }),
      'longer than 65536 bytes',
    ],
  ])('are not had from %s: nobody is let in, and the log says so without the secret', async (_, make, reason) => {
    answer = make();
    expect(await reasonFor(foreign())).toBe('MALFORMED');
    const [warning = '', ...others] = lines.filter((line) => line.includes('JWT_JWK_URL'));
    expect(others).toEqual([]);
    expect(warning).toContain(reason);
    expect(lines.join()).not.toContain('in-the-query');
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  test.each([
    ['for encryption', () => jwk(theirs, { use: 'enc' })],
    ['for another algorithm', () => jwk(theirs, { alg: 'ES384' })],
    ['of another kind', () => ({ ...rsa.publicKey.export({ format: 'jwk' }), kid })],
    [
      'of another curve',
      () => ({ ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid }),
    ],
    ['that is a secret', () => ({ kty: 'oct', k: 'AAAA', kid })],
    ['that is broken', () => ({ ...jwk(), x: 'AAAA' })],
    ['that is none', () => null],
  ])('are not used where one is %s, and the others are', async (_, odd) => {
    const good = ec();
    keys = [odd(), jwk(good)];
    expect(await reasonFor(foreign())).toBe('MALFORMED');
    expect(await reasonFor(foreign({}, { kid: jwk(good).kid }, good.privateKey))).toBe('OK');
  });
});

test('a short RSA key of the other issuer is not used', async () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const ours = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  keys = [{ ...short.publicKey.export({ format: 'jwk' }), kid }];
  await start({ JWT_ALGORITHM: 'RS256', JWT_SIGNING_KEY: ours });
  const { sign } = await import('node:crypto');
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims())}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), short.privateKey).toString('base64url')}`;
  expect(await reasonFor(token)).toBe('MALFORMED');
  expect(requests).toBe(1);
});

test.each([
  [
    { ...mailed, NODE_ENV: 'production', JWT_JWK_URL: 'http://id.example/jwks' },
    'JWT_JWK_URL must be an https:// URL in production',
  ],
  [{ JWT_JWK_URL: 'https://user:pass@id.example/jwks' }, 'JWT_JWK_URL must be an http:// or https:// URL without user'],
  [{ JWT_JWK_URL: 'file:///etc/passwd' }, 'JWT_JWK_URL must be an http:// or https:// URL'],
  [
    { JWT_ALGORITHM: 'HS256', JWT_SIGNING_KEY: 'k'.repeat(32), JWT_JWK_URL: 'https://id.example/' },
    'JWT_JWK_URL needs a JWT_ALGORITHM with key pairs, not HS256',
  ],
  [
    { JWT_ALGORITHM: 'HS256', JWT_SIGNING_KEY: 'k'.repeat(32), JWT_KEYS_DIR: '/keys' },
    'JWT_KEYS_DIR needs a JWT_ALGORITHM with key pairs, not HS256',
  ],
  [{ KEY_ENCRYPTION_KEY: 'k'.repeat(32) }, 'KEY_ENCRYPTION_KEY must be 32 random bytes in base64'],
  [{ KEY_ENCRYPTION_KEY: Buffer.alloc(31).toString('base64') }, 'KEY_ENCRYPTION_KEY must be 32 random bytes in base64'],
  [{ KEY_ENCRYPTION_KEY: Buffer.alloc(33).toString('base64') }, 'KEY_ENCRYPTION_KEY must be 32 random bytes in base64'],
])('%j stops the start', (variables, fault) => {
  expect(() => loadConfig({ JWT_ALGORITHM: 'ES256', JWT_SIGNING_KEY: own, ...variables })).toThrow(fault);
});

test.each([
  ['KEY_ENCRYPTION_KEY', Buffer.alloc(32).toString('base64')],
  ['JWT_KEYS_DIR', '/keys'],
])('with %s, production needs no JWT_SIGNING_KEY for key pairs', (name, value) => {
  const load = (JWT_ALGORITHM: string) =>
    loadConfig({ ...mailed, NODE_ENV: 'production', DATABASE_URL: 'postgres://h/d', JWT_ALGORITHM, [name]: value }).keys
      .managed;
  expect(load('ES256')).toBe(true);
  expect(() => load('HS256')).toThrow('JWT_SIGNING_KEY is required in production');
});
