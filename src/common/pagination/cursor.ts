import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a list is sorted by, as the database printed it: a timestamp stays text and so loses no digit. */
export type SortValue = string | number;

/** A row's place in its list: the sort value, then the id that tells rows with equal ones apart. */
export type CursorKey = readonly [value: SortValue, id: SortValue];

const macLength = 16;
const cursorKeyRules = z.tuple([z.union([z.string(), z.number()]), z.union([z.string(), z.number()])]);

/**
 * Makes and reads opaque cursors: base64url of a truncated HMAC-SHA256 (RFC 2104, section 5) and the key.
 * The scope (list, order and filter) is authenticated but not stored, so that a cursor fits only the list it is from.
 */
export class CursorCodec {
  readonly #secret: KeyObject;

  /** The secret is 32 bytes, the same on every instance. */
  constructor(secret: Buffer) {
    if (secret.length !== 32) throw new RangeError('The cursor secret must be 32 bytes long.');
    this.#secret = createSecretKey(secret);
  }

  encode(scope: string, key: CursorKey): string {
    const payload = Buffer.from(JSON.stringify(key));
    return Buffer.concat([this.#mac(scope, payload), payload]).toString('base64url');
  }

  /** The key, or null unless exactly this cursor was made for this scope. */
  decode(scope: string, cursor: string): CursorKey | null {
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length <= macLength || bytes.toString('base64url') !== cursor) return null;
    const payload = bytes.subarray(macLength);
    if (!timingSafeEqual(bytes.subarray(0, macLength), this.#mac(scope, payload))) return null;
    return cursorKeyRules.parse(JSON.parse(payload.toString()));
  }

  /** The length in front keeps scope and payload from running into each other. */
  #mac(scope: string, payload: Buffer): Buffer {
    const hmac = createHmac('sha256', this.#secret).update(`${scope.length}:${scope}`).update(payload);
    return hmac.digest().subarray(0, macLength);
  }
}
