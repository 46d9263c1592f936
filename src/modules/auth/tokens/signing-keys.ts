import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { findKeyFaults, isHmac, type PairAlgorithm } from '../../../config/keys.js';
import type { JwtAlgorithm, TokenSettings } from '../../../config.js';
import { makePrivateKey, thumbprint, toPem, toPublished } from '../keys/key-pair.js';
import type { KeyDerivation, KeyRing, Signer } from '../keys/key-ring.js';
import { SigningKeyError } from '../keys/signing-key.error.js';
import { readOrCreateSecret } from './key-file.js';

/** The key's own part of the settings. */
export type KeySettings = Pick<TokenSettings, 'algorithm' | 'signingKey' | 'verifyingKey'>;

interface KeyParts {
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: KeyObject;
  readonly verifyingKey: KeyObject;
  /** The secret itself, for HKDF: an HMAC key's bytes, or an asymmetric key's private number. */
  readonly secret: Buffer;
  readonly published: JsonWebKey | null;
}

/**
 * The one key that is configured, or kept in DATA_DIR: signs and checks. Objects made once, because parsing them again
 * costs more than a signature.
 */
export class SigningKeys implements KeyRing, KeyDerivation {
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: KeyObject;
  readonly verifyingKey: KeyObject;
  /** RFC 7638 thumbprint of the public key; null for HMAC. */
  readonly kid: string | null;
  readonly #secret: Buffer;
  readonly #published: JsonWebKey | null;

  constructor({ algorithm, signingKey, verifyingKey, secret, published }: KeyParts) {
    this.algorithm = algorithm;
    this.signingKey = signingKey;
    this.verifyingKey = verifyingKey;
    this.kid = published && thumbprint(published);
    this.#secret = secret;
    this.#published = published;
  }

  canSign(): boolean {
    return true;
  }

  signer(): Signer {
    return { kid: this.kid, key: this.signingKey };
  }

  candidates(kid: string | undefined): readonly KeyObject[] {
    return kid === undefined || this.kid === null || kid === this.kid ? [this.verifyingKey] : [];
  }

  async seek(): Promise<void> {
    // There is but one key.
  }

  jwks(): { keys: JsonWebKey[] } {
    return { keys: this.#published ? [this.#published] : [] };
  }

  /** HKDF-SHA256 (RFC 5869) of the key itself. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, 'postern', purpose, 32));
  }
}

/** Makes the keys of the settings, or those kept in `dataDir`, where they are made at first start; throws SigningKeyError for a key that does not fit. */
export async function loadSigningKeys(settings: KeySettings, dataDir: string): Promise<SigningKeys> {
  const { algorithm, verifyingKey } = settings;
  const signingKey = settings.signingKey ?? (await keptKey(algorithm, dataDir));
  const faults = findKeyFaults({ algorithm, signingKey, verifyingKey });
  if (faults.signingKey !== undefined) throw new SigningKeyError(`The signing key ${faults.signingKey}.`);
  if (faults.verifyingKey !== undefined) throw new SigningKeyError(`The verifying key ${faults.verifyingKey}.`);
  return isHmac(algorithm) ? hmacKeys(algorithm, signingKey) : pairOfKeys(algorithm, signingKey);
}

async function keptKey(algorithm: JwtAlgorithm, dataDir: string): Promise<string> {
  const text = await readOrCreateSecret(join(dataDir, `jwt-${algorithm}.key`), () => makeKey(algorithm));
  return text.trim();
}

async function makeKey(algorithm: JwtAlgorithm): Promise<string> {
  return isHmac(algorithm) ? randomBytes(64).toString('base64url') : toPem(await makePrivateKey(algorithm));
}

/** The secret is the text's UTF-8 bytes, as SimpleJWT has it: base64 in it is not decoded. */
function hmacKeys(algorithm: JwtAlgorithm, text: string): SigningKeys {
  const secret = Buffer.from(text, 'utf8');
  const key = createSecretKey(secret);
  return new SigningKeys({ algorithm, signingKey: key, verifyingKey: key, secret, published: null });
}

function pairOfKeys(algorithm: PairAlgorithm, pem: string): SigningKeys {
  const signingKey = createPrivateKey(pem);
  return new SigningKeys({
    algorithm,
    signingKey,
    verifyingKey: createPublicKey(signingKey),
    secret: privateNumber(signingKey),
    published: toPublished(signingKey, algorithm),
  });
}

/** `d` and not the PEM: the same key in PKCS#1, SEC1 or PKCS#8 must derive the same secrets. */
function privateNumber(key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' });
  if (d === undefined) throw new SigningKeyError('The signing key has no private part.');
  return Buffer.from(d, 'base64url');
}
