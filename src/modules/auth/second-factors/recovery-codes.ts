import type { MacRing } from '../../../common/mac-ring.js';
import { randomGroup } from '../../../common/random-password.js';

/** How many a user gets at a time. */
const count = 10;

/** Codes for whoever has lost everything else: each good once, of 49 random bits, kept only as keyed hashes. */
export class RecoveryCodes {
  constructor(private readonly macs: MacRing) {}

  /** Ten new ones, as `k7mqe-xw2ha`. */
  make(): string[] {
    return Array.from({ length: count }, () => `${randomGroup()}-${randomGroup()}`);
  }

  hash(userId: string, code: string): Buffer {
    return this.macs.mac(bound(userId, code));
  }

  /** What the code may have been kept as. */
  hashes(userId: string, code: string): Buffer[] {
    return this.macs.macs(bound(userId, code));
  }
}

/** As it was typed, it may have other spaces, dashes and capitals than it was shown with. */
function bound(userId: string, code: string): string {
  return JSON.stringify([userId, code.toLowerCase().replaceAll(/[\s-]/g, '')]);
}
