import { randomBytes } from 'node:crypto';
import type { MacRing } from '../../../common/mac-ring.js';

/** What a remembered device shows: 256 random bits, of which the database has a keyed hash only. */
export class DeviceTokens {
  constructor(private readonly macs: MacRing) {}

  make(): string {
    return randomBytes(32).toString('base64url');
  }

  hash(token: string): Buffer {
    return this.macs.mac(token);
  }

  /** What the token may have been kept as; nothing for what is no token. */
  hashes(token: string | null): Buffer[] {
    return token !== null && /^[\w-]{43}$/.test(token) ? this.macs.macs(token) : [];
  }
}
