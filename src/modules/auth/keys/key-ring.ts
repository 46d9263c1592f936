import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { JwtAlgorithm } from '../../../config.js';

/** What signs. */
export interface Signer {
  /** RFC 7638 thumbprint of the public key; null for HMAC. */
  readonly kid: string | null;
  readonly key: KeyObject;
}

/** The keys of this instance, in memory: asking for one never costs a statement. */
export interface KeyRing {
  readonly algorithm: JwtAlgorithm;
  /** Whether there is a key for new tokens. */
  canSign(): boolean;
  /** The key for new tokens; throws SERVICE_UNAVAILABLE where there is none. */
  signer(): Signer;
  /** What a token whose header names this key may be checked with; SimpleJWT names none, and then it is every key. */
  candidates(kid: string | undefined): readonly KeyObject[];
  /** Resolves once a key of this name is at hand, if it is anywhere: only for a name that is not known something is read. */
  seek(kid: string | undefined): Promise<void>;
  /** The public keys as a JWK Set (RFC 7517, section 5): empty for HMAC; throws SERVICE_UNAVAILABLE before they are known. */
  jwks(): { keys: JsonWebKey[] };
}

/** Makes secrets for other MACs: one purpose, one key, the same on every instance, and the same after a rotation. */
export interface KeyDerivation {
  /** 32 bytes. */
  derive(purpose: string): Buffer;
}
