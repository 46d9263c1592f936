import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { readOrCreateSecret } from '../tokens/key-file.js';
import { publicJwkOf, thumbprint, toPem } from './key-pair.js';
import { SigningKeyError } from './signing-key.error.js';

const secretBytes = 32;

/** JWT_KEYS_DIR: private keys as files `<kid>.pem`. */
export class KeyDirectory {
  constructor(private readonly path: string) {}

  /** Throws SigningKeyError where the file cannot be written. */
  async write(kid: string, key: KeyObject): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      await readOrCreateSecret(this.fileOf(kid), async () => toPem(key));
    } catch (error) {
      throw new SigningKeyError(`The key cannot be written to JWT_KEYS_DIR (${codeOf(error)}).`);
    }
  }

  /** Throws SigningKeyError where the file is missing, open to others, or another key. */
  async read(kid: string): Promise<KeyObject> {
    const file = this.fileOf(kid);
    try {
      await refuseOpenFile(file);
      const key = createPrivateKey(await readFile(file));
      if (thumbprint(publicJwkOf(key)) === kid) return key;
    } catch (error) {
      if (error instanceof SigningKeyError) throw error;
      throw new SigningKeyError(`The file ${kid}.pem in JWT_KEYS_DIR cannot be read (${codeOf(error)}).`);
    }
    throw new SigningKeyError(`The file ${kid}.pem in JWT_KEYS_DIR holds another key.`);
  }

  /** Random text, made once: what is derived from it has to outlive every key. Throws SigningKeyError for a weak one. */
  async secret(): Promise<Buffer> {
    const secret = await this.readSecret(join(this.path, 'postern.secret'));
    if (secret.length >= secretBytes) return secret;
    throw new SigningKeyError(`The file postern.secret in JWT_KEYS_DIR is shorter than ${secretBytes} bytes.`);
  }

  private async readSecret(file: string): Promise<Buffer> {
    try {
      const text = await readOrCreateSecret(file, async () => randomBytes(secretBytes).toString('base64url'));
      await refuseOpenFile(file);
      return Buffer.from(text, 'utf8');
    } catch (error) {
      if (error instanceof SigningKeyError) throw error;
      throw new SigningKeyError(`The file postern.secret in JWT_KEYS_DIR cannot be had (${codeOf(error)}).`);
    }
  }

  private fileOf(kid: string): string {
    return join(this.path, `${kid}.pem`);
  }
}

/** Windows has no such bits. */
async function refuseOpenFile(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & 0o007) === 0) return;
  throw new SigningKeyError(`The file ${file} is open to every user of this machine: chmod 600 it.`);
}

function codeOf(error: unknown): string {
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code) ? code : 'no private key in PEM';
}
