import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JwtAlgorithm, TokenSettings } from '../../../config.js';
import { readOrCreateSecret } from './key-file.js';

/** The key's own part of the settings. */
export type KeySettings = Pick<TokenSettings, 'algorithm' | 'signingKey' | 'verifyingKey'>;

interface KeyParts {
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: KeyObject;
  readonly verifyingKey: KeyObject;
  /** The secret itself, for HKDF: an HMAC key's bytes, or an asymmetric key's private number. */
  readonly secret: Buffer;
  readonly publicJwk: JsonWebKey | null;
}

/** RFC 7518, section 3.2: an HMAC key is at least as long as the hash. */
const hmacBytes = { 256: 32, 384: 48, 512: 64 } as const;
const curves = { 256: 'prime256v1', 384: 'secp384r1', 512: 'secp521r1' } as const;
const rsaBits = 2048;

const makeKeyPair = promisify(generateKeyPair);

/** The key that signs and the key that checks, as objects made once: parsing them again costs more than a signature. */
export class SigningKeys {
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: KeyObject;
  readonly verifyingKey: KeyObject;
  /** RFC 7638 thumbprint of the public key; null for HMAC. */
  readonly kid: string | null;
  readonly #secret: Buffer;
  readonly #publicJwk: JsonWebKey | null;

  constructor({ algorithm, signingKey, verifyingKey, secret, publicJwk }: KeyParts) {
    this.algorithm = algorithm;
    this.signingKey = signingKey;
    this.verifyingKey = verifyingKey;
    this.kid = publicJwk && thumbprint(publicJwk);
    this.#secret = secret;
    this.#publicJwk = publicJwk;
  }

  /** The public keys as a JWK Set (RFC 7517, section 5): empty for HMAC. */
  jwks(): { keys: JsonWebKey[] } {
    if (!this.#publicJwk) return { keys: [] };
    return { keys: [{ ...this.#publicJwk, kid: this.kid, use: 'sig', alg: this.algorithm }] };
  }

  /** 32 bytes for another MAC (HKDF-SHA256, RFC 5869): one purpose, one key, the same on every instance with this key. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, 'postern', purpose, 32));
  }
}

/** Makes the keys of the settings, or those kept in `dataDir`, where they are made at first start; throws for a key that does not fit. */
export async function loadSigningKeys(settings: KeySettings, dataDir: string): Promise<SigningKeys> {
  const { algorithm, signingKey, verifyingKey } = settings;
  const text = signingKey ?? (await keptKey(algorithm, dataDir));
  return isHmac(algorithm) ? hmacKeys(algorithm, text, verifyingKey) : keyPair(algorithm, text, verifyingKey);
}

async function keptKey(algorithm: JwtAlgorithm, dataDir: string): Promise<string> {
  const text = await readOrCreateSecret(join(dataDir, `jwt-${algorithm}.key`), () => makeKey(algorithm));
  return text.trim();
}

async function makeKey(algorithm: JwtAlgorithm): Promise<string> {
  if (isHmac(algorithm)) return randomBytes(64).toString('base64url');
  const { privateKey } = algorithm.startsWith('ES')
    ? await makeKeyPair('ec', { namedCurve: curves[hashBits(algorithm)] })
    : await makeKeyPair('rsa', { modulusLength: rsaBits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The secret is the text's UTF-8 bytes, as SimpleJWT has it: base64 in it is not decoded. */
function hmacKeys(algorithm: JwtAlgorithm, text: string, verifyingKey: string | null): SigningKeys {
  const secret = Buffer.from(text, 'utf8');
  const least = hmacBytes[hashBits(algorithm)];
  if (secret.length < least) throw new Error(`The ${algorithm} signing key must be at least ${least} bytes long.`);
  if (text.includes('-----BEGIN')) throw new Error(`The ${algorithm} signing key is a PEM text, not a secret.`);
  if (verifyingKey !== null && verifyingKey !== text) throw misfit();
  const key = createSecretKey(secret);
  return new SigningKeys({ algorithm, signingKey: key, verifyingKey: key, secret, publicJwk: null });
}

function keyPair(algorithm: JwtAlgorithm, pem: string, publicPem: string | null): SigningKeys {
  const signingKey = parseKey(createPrivateKey, pem, 'signing');
  assertFits(algorithm, signingKey);
  const verifyingKey = createPublicKey(signingKey);
  if (publicPem !== null && !parseKey(createPublicKey, publicPem, 'verifying').equals(verifyingKey)) throw misfit();
  return new SigningKeys({
    algorithm,
    signingKey,
    verifyingKey,
    secret: privateNumber(signingKey),
    publicJwk: verifyingKey.export({ format: 'jwk' }),
  });
}

/** The parser's own error is dropped: a message about a secret says too much easily. */
function parseKey(parse: (pem: string) => KeyObject, pem: string, which: string): KeyObject {
  try {
    return parse(pem);
  } catch {
    throw new Error(
      `The ${which} key must be an unencrypted ${which === 'signing' ? 'private' : 'public'} key in PEM.`,
    );
  }
}

function assertFits(algorithm: JwtAlgorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  if (algorithm.startsWith('ES')) {
    const curve = curves[hashBits(algorithm)];
    if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curve) return;
    throw new Error(`The signing key for ${algorithm} must be an EC key on ${curve}.`);
  }
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= rsaBits) return;
  throw new Error(`The signing key for ${algorithm} must be an RSA key of ${rsaBits} bits or more.`);
}

/** `d` and not the PEM: the same key in PKCS#1, SEC1 or PKCS#8 must derive the same secrets. */
function privateNumber(key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' });
  if (d === undefined) throw new Error('The signing key has no private part.');
  return Buffer.from(d, 'base64url');
}

/** RFC 7638, section 3: SHA-256 over the required members, in lexicographic order, without spaces. */
function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function isHmac(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith('HS');
}

function hashBits(algorithm: JwtAlgorithm): 256 | 384 | 512 {
  if (algorithm.endsWith('256')) return 256;
  return algorithm.endsWith('384') ? 384 : 512;
}

function misfit(): Error {
  return new Error('The verifying key does not belong to the signing key.');
}
