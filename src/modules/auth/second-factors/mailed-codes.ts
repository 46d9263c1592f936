import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';

/** Codes of six digits that are mailed, and kept only as keyed hashes that are bound to the token which they come with. */
export class MailedCodes {
  readonly #macKey: Buffer;

  constructor(macKey: Buffer) {
    this.#macKey = macKey;
  }

  /** Each of the million with the same probability. */
  make(): string {
    return String(randomInt(1_000_000)).padStart(6, '0');
  }

  hash(token: string, code: string): Buffer {
    return createHmac('sha256', this.#macKey)
      .update(JSON.stringify([token, code]))
      .digest();
  }

  matches(hash: Buffer, token: string, code: string): boolean {
    return timingSafeEqual(hash, this.hash(token, code));
  }
}
