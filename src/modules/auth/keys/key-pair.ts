import { createHash, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { curves, isElliptic, type PairAlgorithm, rsaBits } from '../../../config/keys.js';

const makeKeyPair = promisify(generateKeyPair);

/** Makes the private key of a new pair. */
export async function makePrivateKey(algorithm: PairAlgorithm): Promise<KeyObject> {
  const { privateKey } = isElliptic(algorithm)
    ? await makeKeyPair('ec', { namedCurve: curves[algorithm].openssl })
    : await makeKeyPair('rsa', { modulusLength: rsaBits });
  return privateKey;
}

export function publicJwkOf(key: KeyObject): JsonWebKey {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
}

export function toPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 7638, section 3: SHA-256 over the required members, in lexicographic order, without spaces. */
export function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** A key as the JWK Set has it (RFC 7517, section 4): the public part alone. */
export function toPublished(key: KeyObject, algorithm: PairAlgorithm): JsonWebKey {
  const jwk = publicJwkOf(key);
  return { ...jwk, kid: thumbprint(jwk), use: 'sig', alg: algorithm };
}
