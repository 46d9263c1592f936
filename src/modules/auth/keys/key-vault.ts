import { createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Sealer } from '../../../common/sealer.js';
import type { ManagedKeySettings } from '../../../config.js';
import { KeyDirectory } from './key-directory.js';
import type { KeyDerivation } from './key-ring.js';
import { SigningKeyError } from './signing-key.error.js';
import type { SigningKeyRow } from './signing-key.queries.js';

interface VaultParts {
  readonly sealer: Sealer | null;
  readonly directory: KeyDirectory | null;
  /** For HKDF; the same for all keys that there ever are. */
  readonly secret: Buffer;
}

/** Where the private parts of managed keys are: sealed in their rows, or in files. */
export class KeyVault implements KeyDerivation {
  readonly #sealer: Sealer | null;
  readonly #directory: KeyDirectory | null;
  readonly #secret: Buffer;

  constructor({ sealer, directory, secret }: VaultParts) {
    this.#sealer = sealer;
    this.#directory = directory;
    this.#secret = secret;
  }

  /** Whether it could open what is sealed. */
  get opensSealed(): boolean {
    return this.#sealer !== null;
  }

  /** Puts a new private key away; returns what its row keeps of it. The database comes first, where both places are given. */
  async put(kid: string, key: KeyObject): Promise<Buffer | null> {
    if (this.#sealer) return this.#sealer.seal(key.export({ type: 'pkcs8', format: 'der' }), kid);
    await this.#directory?.write(kid, key);
    return null;
  }

  /** The private key of the row; throws SigningKeyError where this instance cannot have it. */
  async open({ kid, privateKey }: Pick<SigningKeyRow, 'kid' | 'privateKey'>): Promise<KeyObject> {
    if (privateKey) return this.unseal(kid, privateKey);
    if (this.#directory) return this.#directory.read(kid);
    throw new SigningKeyError(`The private part of ${kid} is in a file, and JWT_KEYS_DIR is not set.`);
  }

  /** HKDF-SHA256 (RFC 5869). */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, 'postern', purpose, 32));
  }

  private unseal(kid: string, sealed: Buffer): KeyObject {
    if (!this.#sealer) {
      throw new SigningKeyError(`The private part of ${kid} is encrypted, and KEY_ENCRYPTION_KEY is not set.`);
    }
    const der = this.#sealer.open(sealed, kid);
    if (der) return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
    throw new SigningKeyError(`KEY_ENCRYPTION_KEY does not open ${kid}: it is not the key that encrypted it.`);
  }
}

/** Opens the places that the settings name; throws SigningKeyError where a directory is no good. */
export async function openKeyVault({ encryptionKey, directory: path }: ManagedKeySettings): Promise<KeyVault> {
  const directory = path === null ? null : new KeyDirectory(path);
  const sealer = encryptionKey && new Sealer(encryptionKey, 'signing keys');
  const secret = encryptionKey ?? (await directory?.secret());
  if (!secret) throw new SigningKeyError('Managed keys need KEY_ENCRYPTION_KEY or JWT_KEYS_DIR.');
  return new KeyVault({ sealer, directory, secret });
}
