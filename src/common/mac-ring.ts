import { createHmac } from 'node:crypto';

/** Makes keyed hashes with the first key, and knows again what any of them has made: so a new first key forgets nothing. */
export class MacRing {
  readonly #keys: readonly [Buffer, ...Buffer[]];

  constructor(keys: readonly [Buffer, ...Buffer[]]) {
    this.#keys = keys;
  }

  /** HMAC-SHA-256 (RFC 2104), 32 bytes. */
  mac(text: string): Buffer {
    return macOf(this.#keys[0], text);
  }

  /** All that `mac` may ever have made of the text. */
  macs(text: string): Buffer[] {
    return this.#keys.map((key) => macOf(key, text));
  }
}

function macOf(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
