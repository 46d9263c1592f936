import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import type { JwtAlgorithm } from '../../src/config.js';
import { loadSigningKeys } from '../../src/modules/auth/tokens/signing-keys.js';

const SECRET = 'correct-horse-battery-staple-correct-horse-battery-staple-64bytes';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const execute = promisify(execFile);

let dataDir: string;

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'postern-keys-')), 'data');
});

afterEach(async () => {
  await rm(join(dataDir, '..'), { recursive: true, force: true });
});

describe('a key from the settings', () => {
  test('an HMAC secret is the UTF-8 bytes of the text, and is published nowhere', async () => {
    const text = 'naïve secrets are read as UTF-8, whatever they look like';
    const keys = await load('HS256', text);
    expect(keys.signingKey.export()).toEqual(Buffer.from(text, 'utf8'));
    expect(keys.kid).toBeNull();
    expect(keys.jwks()).toEqual({ keys: [] });
  });

  test('nothing is written to the data directory', async () => {
    await load('HS256', SECRET);
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });

  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('%s takes a secret of %i bytes and none shorter', async (algorithm, least) => {
    await expect(load(algorithm, 'k'.repeat(least))).resolves.toMatchObject({ algorithm });
    await expect(load(algorithm, 'k'.repeat(least - 1))).rejects.toThrow(`at least ${least} bytes`);
  });

  test.each(['HS256', 'HS512'] as const)('%s refuses a PEM as secret', async (algorithm) => {
    await expect(load(algorithm, publicPem(rsa.publicKey))).rejects.toThrow('PEM');
  });

  test.each([
    ['an EC key', 'RS256', privatePem(ec.privateKey)],
    ['an RSA key', 'ES256', privatePem(rsa.privateKey)],
    ['another curve', 'ES384', privatePem(ec.privateKey)],
    ['a short RSA key', 'PS256', privatePem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    ['an Ed25519 key', 'ES256', privatePem(generateKeyPairSync('ed25519').privateKey)],
    ['a PSS-only key', 'PS256', privatePem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey)],
    ['a public key', 'RS256', publicPem(rsa.publicKey)],
    ['plain text', 'RS256', SECRET],
    ['an empty text', 'ES256', ''],
  ] as const)('%s is refused for %s, and not repeated', async (_, algorithm, text) => {
    const error = await load(algorithm, text).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/^SigningKeyError: The signing key must be (an|the private key)/);
    if (text) expect(inspect(error, { depth: 9 })).not.toContain(text.slice(30, 60));
  });

  test('the verifying key must belong to the signing key', async () => {
    const own = { algorithm: 'RS256', signingKey: privatePem(rsa.privateKey) } as const;
    const good = await loadSigningKeys({ ...own, verifyingKey: publicPem(rsa.publicKey) }, dataDir);
    expect(good.verifyingKey.equals(rsa.publicKey)).toBe(true);
    const misfit = loadSigningKeys({ ...own, verifyingKey: publicPem(otherRsa.publicKey) }, dataDir);
    await expect(misfit).rejects.toThrow('must fit');
    const broken = loadSigningKeys({ ...own, verifyingKey: 'nonsense' }, dataDir);
    await expect(broken).rejects.toThrow('verifying key must be');
    const hmac = loadSigningKeys({ algorithm: 'HS256', signingKey: SECRET, verifyingKey: 'another' }, dataDir);
    await expect(hmac).rejects.toThrow('verifying key must');
  });
});

describe('the published key', () => {
  test('kid is the thumbprint of RFC 7638, section 3, for the key of its example', async () => {
    const keys = await load('RS256', rfcExamplePem());
    expect(keys.kid).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  test('kid of an EC key hashes crv, kty, x and y in this order', async () => {
    const { crv, x, y } = ec.publicKey.export({ format: 'jwk' });
    const canonical = `{"crv":"${crv}","kty":"EC","x":"${x}","y":"${y}"}`;
    const keys = await load('ES256', privatePem(ec.privateKey));
    expect(keys.kid).toBe(createHash('sha256').update(canonical).digest('base64url'));
  });

  test.each([
    ['RS256', rsa],
    ['PS512', rsa],
    ['ES256', ec],
  ] as const)('the JWK Set of %s holds the public part alone', async (algorithm, pair) => {
    const keys = await load(algorithm, privatePem(pair.privateKey));
    const publicJwk = pair.publicKey.export({ format: 'jwk' });
    expect(keys.jwks()).toEqual({ keys: [{ ...publicJwk, kid: keys.kid, use: 'sig', alg: algorithm }] });
  });
});

describe('derived secrets', () => {
  test('are 32 bytes, the same for the same key and purpose, different for another', async () => {
    const [one, same, other] = await Promise.all([
      load('HS256', SECRET),
      load('HS256', SECRET),
      load('HS256', `${SECRET}!`),
    ]);
    expect(one.derive('cursor')).toHaveLength(32);
    expect(one.derive('cursor')).toEqual(same.derive('cursor'));
    expect(one.derive('cursor')).not.toEqual(one.derive('throttle'));
    expect(one.derive('cursor')).not.toEqual(other.derive('cursor'));
  });

  test('do not depend on the form of the PEM', async () => {
    const rsaForms = [privatePem(rsa.privateKey), rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()];
    const ecForms = [privatePem(ec.privateKey), ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()];
    for (const [algorithm, [first = '', second = '']] of [
      ['RS256', rsaForms],
      ['ES256', ecForms],
    ] as const) {
      const [one, two] = await Promise.all([load(algorithm, first), load(algorithm, second)]);
      expect(one.derive('cursor')).toEqual(two.derive('cursor'));
    }
  });
});

describe('a key that is kept in the data directory', () => {
  test.each(['HS256', 'HS512', 'RS256', 'PS384', 'ES256', 'ES384', 'ES512'] as const)(
    'a key for %s is made once and read again',
    async (algorithm) => {
      const first = await load(algorithm, null);
      const second = await load(algorithm, null);
      expect(second.signingKey.equals(first.signingKey)).toBe(true);
      expect(second.derive('cursor')).toEqual(first.derive('cursor'));
      expect(await readdir(dataDir)).toEqual([`jwt-${algorithm}.key`]);
    },
  );

  test('an HMAC key is 64 random bytes in base64url', async () => {
    const keys = await load('HS256', null);
    const text = await readFile(join(dataDir, 'jwt-HS256.key'), 'utf8');
    expect(text).toMatch(/^[\w-]{86}$/);
    expect(keys.signingKey.export().toString()).toBe(text);
  });

  test('only the owner may read the file and enter the directory', async () => {
    await load('HS256', null);
    expect((await stat(join(dataDir, 'jwt-HS256.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test.each(['HS256', 'ES256'] as const)('twenty starts at once agree on one key for %s', async (algorithm) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => load(algorithm, null)));
    expect(new Set(all.map((keys) => keys.derive('cursor').toString('hex'))).size).toBe(1);
    expect(await readdir(dataDir)).toEqual([`jwt-${algorithm}.key`]);
  });

  test('so do several processes', async () => {
    const script = `
      import { readOrCreateSecret } from ${JSON.stringify(new URL('../../src/modules/auth/tokens/key-file.ts', import.meta.url))};
      process.stdout.write(await readOrCreateSecret(process.argv[1], async () => String(process.pid)));`;
    const path = join(dataDir, 'secret');
    const run = () => execute(process.execPath, ['--input-type=module', '--eval', script, path]);
    const outputs = await Promise.all(Array.from({ length: 6 }, run));
    expect(new Set(outputs.map(({ stdout }) => stdout))).toEqual(new Set([await readFile(path, 'utf8')]));
  });

  test('a file that was cut off is refused, not replaced', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'jwt-HS256.key'), 'short');
    await expect(load('HS256', null)).rejects.toThrow('at least 32 bytes');
    expect(await readFile(join(dataDir, 'jwt-HS256.key'), 'utf8')).toBe('short');
  });

  test('a path that cannot be read fails the start', async () => {
    await mkdir(join(dataDir, 'jwt-HS256.key'), { recursive: true });
    await chmod(dataDir, 0o700);
    await expect(load('HS256', null)).rejects.toThrow('EISDIR');
  });
});

function load(algorithm: JwtAlgorithm, signingKey: string | null) {
  return loadSigningKeys({ algorithm, signingKey, verifyingKey: null }, dataDir);
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** The private key of RFC 7517, appendix A.2, whose public part is the example of RFC 7638. */
function rfcExamplePem(): string {
  const jwk = {
    kty: 'RSA',
    n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
    e: 'AQAB',
    d: 'X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d_cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL-Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8Q',
    p: '83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs',
    q: '3dfOR9cuYq-0S-mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk',
    dp: 'G4sPXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX3coE0oimYwxIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_NmtuYZc3C3m3I24G2GvR5sSDxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0',
    dq: 's9lAH9fggBsoFR8Oac2R_E2gw282rT2kGOAhvIllETE1efrA6huUUvMfBcMpn8lqeW6vzznYY5SSQF7pMdC_agI3nG8Ibp1BUb0JUiraRNqUfLhcQb_d9GF4Dh7e74WbRsobRonujTYN1xCaP6TO61jvWrX-L18txXw494Q_cgk',
    qi: 'GyM_p6JrXySiz1toFgKbWV-JdI3jQ4ypu9rbMWx3rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa-Bk0KWNGDjJHZDdDmFhW3AN7lI-puxk_mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldUKGzO6Ia6zTKhAVRU',
  };
  return privatePem(createPrivateKey({ key: jwk, format: 'jwk' }));
}
