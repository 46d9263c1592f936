import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceLength = 12;
const tagLength = 16;

/** The first byte of all that is sealed; another form would have another one. */
const version = 1;

/** Encrypts small secrets (AES-256-GCM, NIST SP 800-38D) under a key of their purpose, derived from KEY_ENCRYPTION_KEY. */
export class Sealer {
  readonly #key: Buffer;

  constructor(encryptionKey: Buffer, purpose: string) {
    this.#key = Buffer.from(hkdfSync('sha256', encryptionKey, 'postern', `seal ${purpose}`, 32));
  }

  /** `context` says what the secret belongs to: sealed text that is moved to another row does not open there. */
  seal(secret: Buffer, context: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(context));
    const encrypted = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), encrypted]);
  }

  /** Null for what was sealed under another key, for another purpose or context, or was changed since. */
  open(sealed: Buffer, context: string): Buffer | null {
    if (sealed.length < 1 + nonceLength + tagLength || sealed[0] !== version) return null;
    const nonce = sealed.subarray(1, 1 + nonceLength);
    const tag = sealed.subarray(1 + nonceLength, 1 + nonceLength + tagLength);
    const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagLength })
      .setAAD(Buffer.from(context))
      .setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(sealed.subarray(1 + nonceLength + tagLength)), decipher.final()]);
    } catch {
      return null;
    }
  }
}

/** Seals with the first key, and opens what any of them has sealed: so a new first key makes nothing unreadable. */
export class SealerRing {
  readonly #sealers: readonly [Sealer, ...Sealer[]];

  constructor(sealers: readonly [Sealer, ...Sealer[]]) {
    this.#sealers = sealers;
  }

  seal(secret: Buffer, context: string): Buffer {
    return this.#sealers[0].seal(secret, context);
  }

  open(sealed: Buffer, context: string): Buffer | null {
    for (const sealer of this.#sealers) {
      const secret = sealer.open(sealed, context);
      if (secret) return secret;
    }
    return null;
  }
}
