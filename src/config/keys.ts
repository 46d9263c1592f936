import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JwtAlgorithm } from './types.js';

/** The keys of the settings; undefined where a setting could not be read, so that nothing is known of it. */
export interface GivenKeys {
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: string | null | undefined;
  readonly verifyingKey: string | null | undefined;
}

/** The rules that the keys break; no rule repeats any part of a key. */
export interface KeyFaults {
  readonly signingKey?: string;
  readonly verifyingKey?: string;
}

/** RFC 7518, section 3.2: an HMAC key is at least as long as the hash. */
const hmacBytes = { HS256: 32, HS384: 48, HS512: 64 } as const;

/** RFC 7518, section 3.4. */
export const curves = {
  ES256: { name: 'P-256', openssl: 'prime256v1' },
  ES384: { name: 'P-384', openssl: 'secp384r1' },
  ES512: { name: 'P-521', openssl: 'secp521r1' },
} as const;

/** RFC 7518, sections 3.3 and 3.5. */
export const rsaBits = 2048;

const notASecret = "is PEM: a key pair's PEM is not a secret, and JWT_ALGORITHM is an HMAC one";
const publicAsSecret = 'is a public key: what everybody may know is no secret, and JWT_ALGORITHM is an HMAC one';
const misfit = 'must fit JWT_SIGNING_KEY';

type HmacAlgorithm = keyof typeof hmacBytes;
export type PairAlgorithm = Exclude<JwtAlgorithm, HmacAlgorithm>;

/** PEM with the two characters `\n` for a newline, as one-line variables need it, becomes PEM as such; a secret stays as it is. */
export function unescapePem(text: string): string {
  return isPem(text) ? text.replaceAll('\\r', '').replaceAll('\\n', '\n').trim() : text;
}

/** Checks the keys against the algorithm and against each other. */
export function findKeyFaults(keys: GivenKeys): KeyFaults {
  const { algorithm, signingKey, verifyingKey } = keys;
  if (signingKey === null) {
    return verifyingKey ? { verifyingKey: 'has no meaning without JWT_SIGNING_KEY' } : {};
  }
  return isHmac(algorithm) ? secretFaults(algorithm, keys) : pairFaults(algorithm, { signingKey, verifyingKey });
}

/** The rule of the algorithm that a key of a pair breaks, be it the private or the public one. */
export function typeFault(
  algorithm: PairAlgorithm,
  { asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
): string | undefined {
  if (isElliptic(algorithm)) {
    const { name, openssl } = curves[algorithm];
    const fits = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === openssl;
    return fits ? undefined : `must be an EC key on the curve ${name} for ${algorithm}`;
  }
  const fits = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= rsaBits;
  return fits ? undefined : `must be an RSA key of at least ${rsaBits} bits for ${algorithm}`;
}

export function isHmac(algorithm: JwtAlgorithm): algorithm is HmacAlgorithm {
  return algorithm in hmacBytes;
}

export function isElliptic(algorithm: PairAlgorithm): algorithm is keyof typeof curves {
  return algorithm in curves;
}

function secretFaults(algorithm: HmacAlgorithm, { signingKey, verifyingKey }: Omit<GivenKeys, 'algorithm'>): KeyFaults {
  const signing = secretFault(algorithm, signingKey);
  const verifying = secretFault(algorithm, verifyingKey) ?? secretMisfit(signingKey, verifyingKey);
  return { ...(signing && { signingKey: signing }), ...(verifying && { verifyingKey: verifying }) };
}

function secretFault(algorithm: HmacAlgorithm, secret: string | null | undefined): string | undefined {
  if (typeof secret !== 'string') return undefined;
  if (isPem(secret)) return notASecret;
  if (isPublicKey(secret)) return publicAsSecret;
  const least = hmacBytes[algorithm];
  if (Buffer.byteLength(secret) >= least) return undefined;
  return `must be at least ${least} bytes long for ${algorithm} (RFC 7518, section 3.2)`;
}

function secretMisfit(signingKey: string | null | undefined, verifyingKey: string | null | undefined) {
  const both = typeof signingKey === 'string' && typeof verifyingKey === 'string';
  return both && signingKey !== verifyingKey ? `${misfit}: an HMAC secret is the same for both` : undefined;
}

function pairFaults(algorithm: PairAlgorithm, { signingKey, verifyingKey }: Omit<GivenKeys, 'algorithm'>): KeyFaults {
  const privateKey = typeof signingKey === 'string' ? parseKey(createPrivateKey, signingKey) : undefined;
  const publicKey = typeof verifyingKey === 'string' ? parseKey(createPublicKey, verifyingKey) : undefined;
  const signing = typeof signingKey === 'string' ? signingFault(algorithm, signingKey, privateKey) : undefined;
  const verifying = typeof verifyingKey === 'string' ? verifyingFault(algorithm, privateKey, publicKey) : undefined;
  return { ...(signing && { signingKey: signing }), ...(verifying && { verifyingKey: verifying }) };
}

function signingFault(algorithm: PairAlgorithm, text: string, key: KeyObject | undefined): string | undefined {
  if (key) return typeFault(algorithm, key);
  if (parseKey(createPublicKey, text)) return 'must be the private key of the pair, not the public one';
  return `must be an unencrypted private key in PEM for ${algorithm}`;
}

function verifyingFault(
  algorithm: PairAlgorithm,
  privateKey: KeyObject | undefined,
  publicKey: KeyObject | undefined,
): string | undefined {
  if (!publicKey) return `must be a public key in PEM for ${algorithm}`;
  if (!privateKey) return typeFault(algorithm, publicKey);
  return createPublicKey(privateKey).equals(publicKey) ? undefined : misfit;
}

/** The parser's own error is dropped: a message about a secret says too much easily. */
function parseKey(create: (pem: string) => KeyObject, text: string): KeyObject | undefined {
  try {
    return create(text);
  } catch {
    return undefined;
  }
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** The forms beside PEM in which public keys are handed around: OpenSSH's line, a JWK, DER in base64. */
function isPublicKey(text: string): boolean {
  if (/^\s*(ssh|ecdsa-sha2)-\S+\s+AAAA/.test(text)) return true;
  const der = Buffer.from(text, 'base64');
  return [
    () => createPublicKey({ key: JSON.parse(text), format: 'jwk' }),
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
  ].some((create) => parseKey(create, text) !== undefined);
}
