import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, type Variables } from '../../src/config.js';
import { mailed } from '../support/mailed.js';

function faultOf(variables: Variables): string {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
}

function pem(key: KeyObject): string {
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ed25519 = generateKeyPairSync('ed25519');
const curves = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
const encrypted = rsa.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'word' })
  .toString();

describe('an HMAC secret', () => {
  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('for %s has at least %i bytes, in any environment', (algorithm, bytes) => {
    const load = (length: number) => faultOf({ JWT_ALGORITHM: algorithm, JWT_SIGNING_KEY: 'k'.repeat(length) });
    expect(load(bytes)).toBe('none');
    expect(load(bytes - 1)).toMatch(`JWT_SIGNING_KEY must be at least ${bytes} bytes long for ${algorithm}`);
  });

  test('counts bytes, not characters', () => {
    expect(faultOf({ JWT_SIGNING_KEY: 'é'.repeat(16) })).toBe('none');
  });

  test.each([
    ['private', rsa.privateKey],
    ['public', rsa.publicKey],
  ])("is not a key pair's %s PEM", (_, key) => {
    expect(faultOf({ JWT_SIGNING_KEY: pem(key) })).toMatch(/^JWT_SIGNING_KEY is PEM: a key pair's PEM is not a secret/);
  });

  const jwkOf = ({ publicKey }: { publicKey: KeyObject }) => JSON.stringify(publicKey.export({ format: 'jwk' }));
  const derOf = ({ publicKey }: { publicKey: KeyObject }, type: 'spki' | 'pkcs1') =>
    publicKey.export({ type, format: 'der' }).toString('base64');

  test.each([
    ['a JWK', jwkOf(rsa)],
    ['a JWK of a curve', ` ${jwkOf(curves.ES256)}\n`],
    ['the base64 of a PEM', derOf(rsa, 'spki')],
    ['the base64 of a PEM of the older form', derOf(rsa, 'pkcs1')],
    ['that base64 in lines', derOf(curves.ES256, 'spki').replaceAll(/.{64}/g, '$&\n')],
    ['a line of OpenSSH', `ssh-rsa AAAAB3NzaC1yc2E${derOf(rsa, 'pkcs1')} somebody@somewhere`],
    ['a line of OpenSSH for a curve', `ecdsa-sha2-nistp256 AAAAE2VjZHNh${derOf(curves.ES256, 'spki')}`],
  ])('is no public key in another form: %s', (_, key) => {
    for (const variables of [{ JWT_SIGNING_KEY: key }, { JWT_SIGNING_KEY: key, JWT_VERIFYING_KEY: key }]) {
      expect(faultOf(variables)).toMatch(/^JWT_SIGNING_KEY is a public key: what everybody may know is no secret/);
    }
  });

  test.each([
    ['random base64', Buffer.alloc(64, 77).toString('base64')],
    ['JSON', JSON.stringify({ kty: 'RSA', n: 'a secret that looks like a key' })],
    ['JSON of a secret key', JSON.stringify({ kty: 'oct', k: 'k'.repeat(43) })],
    ['a number', '9'.repeat(40)],
  ])('may be any other text: %s', (_, secret) => {
    expect(faultOf({ JWT_SIGNING_KEY: secret })).toBe('none');
  });

  test('stays as it is, with a backslash and an n in it', () => {
    const secret = `${'k'.repeat(32)}\\n `;
    expect(loadConfig({ JWT_SIGNING_KEY: secret }).tokens.signingKey).toBe(secret);
  });

  test('is its own verifying key', () => {
    const secret = 'k'.repeat(32);
    expect(faultOf({ JWT_SIGNING_KEY: secret, JWT_VERIFYING_KEY: secret })).toBe('none');
    expect(faultOf({ JWT_SIGNING_KEY: secret, JWT_VERIFYING_KEY: 'o'.repeat(32) })).toMatch(
      /^JWT_VERIFYING_KEY must fit JWT_SIGNING_KEY/,
    );
  });
});

describe('a key pair', () => {
  test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'])(
    'for %s is RSA of 2048 bits or more',
    (JWT_ALGORITHM) => {
      expect(faultOf({ JWT_ALGORITHM, JWT_SIGNING_KEY: pem(rsa.privateKey) })).toBe('none');
      for (const { privateKey } of [weakRsa, curves.ES256, ed25519]) {
        expect(faultOf({ JWT_ALGORITHM, JWT_SIGNING_KEY: pem(privateKey) })).toBe(
          `JWT_SIGNING_KEY must be an RSA key of at least 2048 bits for ${JWT_ALGORITHM}`,
        );
      }
    },
  );

  test.each([
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
  ])('for %s is on the curve %s', (JWT_ALGORITHM, curve) => {
    for (const [owner, { privateKey }] of Object.entries({ ...curves, RS256: rsa })) {
      const expected = `JWT_SIGNING_KEY must be an EC key on the curve ${curve} for ${JWT_ALGORITHM}`;
      expect(faultOf({ JWT_ALGORITHM, JWT_SIGNING_KEY: pem(privateKey) })).toBe(
        owner === JWT_ALGORITHM ? 'none' : expected,
      );
    }
  });

  test.each([
    ['a public key', pem(rsa.publicKey), 'must be the private key of the pair, not the public one'],
    ['a plain secret', 'k'.repeat(64), 'must be an unencrypted private key in PEM for RS256'],
    ['an encrypted key', encrypted, 'must be an unencrypted private key in PEM for RS256'],
  ])('does not sign with %s', (_, key, rule) => {
    expect(faultOf({ JWT_ALGORITHM: 'RS256', JWT_SIGNING_KEY: key })).toBe(`JWT_SIGNING_KEY ${rule}`);
  });

  test.each([
    ['its own public key', pem(rsa.publicKey), 'none'],
    ["another pair's", pem(otherRsa.publicKey), 'JWT_VERIFYING_KEY must fit JWT_SIGNING_KEY'],
    ['no key at all', 'nonsense', 'JWT_VERIFYING_KEY must be a public key in PEM for RS256'],
  ])('checked against %s', (_, key, expected) => {
    const keys = { JWT_SIGNING_KEY: pem(rsa.privateKey), JWT_VERIFYING_KEY: key };
    expect(faultOf({ JWT_ALGORITHM: 'RS256', ...keys })).toBe(expected);
  });

  test('needs its signing key', () => {
    expect(faultOf({ JWT_ALGORITHM: 'RS256', JWT_VERIFYING_KEY: pem(rsa.publicKey) })).toBe(
      'JWT_VERIFYING_KEY has no meaning without JWT_SIGNING_KEY',
    );
  });

  test('may have its newlines written as \\n', () => {
    const key = pem(curves.ES256.privateKey);
    const oneLine = key.trim().replaceAll('\n', '\\n');
    const { signingKey } = loadConfig({ JWT_ALGORITHM: 'ES256', JWT_SIGNING_KEY: oneLine }).tokens;
    expect(signingKey).toBe(key.trim());
  });
});

describe('a value from a file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-config-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function file(content: string | Uint8Array): Promise<string> {
    const path = join(directory, crypto.randomUUID());
    await writeFile(path, content);
    return path;
  }

  test('stands without the newline at its end', async () => {
    const secret = 'k'.repeat(32);
    const url = 'postgres://localhost/postern';
    const config = loadConfig({
      JWT_SIGNING_KEY_FILE: await file(`${secret}\n`),
      JWT_VERIFYING_KEY_FILE: await file(`${secret}\r\n`),
      DATABASE_URL_FILE: await file(`${url}\n`),
    });
    expect(config.tokens).toMatchObject({ signingKey: secret, verifyingKey: secret });
    expect(config.database.url).toBe(url);
  });

  test('keeps its rules', async () => {
    expect(faultOf({ JWT_SIGNING_KEY_FILE: await file(`${'k'.repeat(31)}\n`) })).toMatch(
      /^JWT_SIGNING_KEY must be at least 32 bytes/,
    );
  });

  test('is enough in production', async () => {
    expect(faultOf({ ...mailed, NODE_ENV: 'production', JWT_SIGNING_KEY_FILE: await file('k'.repeat(32)) })).toBe(
      'none',
    );
  });

  test('excludes the variable itself', async () => {
    const path = await file('k'.repeat(32));
    expect(faultOf({ JWT_SIGNING_KEY: 'k'.repeat(32), JWT_SIGNING_KEY_FILE: path })).toBe(
      'JWT_SIGNING_KEY and JWT_SIGNING_KEY_FILE exclude each other',
    );
  });

  test.each([
    ['is missing', () => join(directory, 'missing'), 'cannot be read as UTF-8 text'],
    ['is a directory', () => directory, 'cannot be read as UTF-8 text'],
    ['holds random bytes', () => file(new Uint8Array(32).fill(0xff)), 'cannot be read as UTF-8 text'],
    ['is empty', () => file('\n'), 'is empty'],
  ])('is a fault where the file %s', async (_, makePath, rule) => {
    expect(faultOf({ ...mailed, NODE_ENV: 'production', JWT_SIGNING_KEY_FILE: await makePath() })).toBe(
      `JWT_SIGNING_KEY cannot be had: the file that JWT_SIGNING_KEY_FILE names ${rule}`,
    );
  });
});
