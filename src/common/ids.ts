import { v7, validate } from 'uuid';
import type { Clock } from './clock.js';

/** A UUIDv7 (RFC 9562, section 5.7): its time prefix keeps new rows together in every index. */
export function newId(clock: Clock): string {
  return v7({ msecs: clock.now() });
}

/** Whether a client's `ID` can name a row at all; one that cannot names nothing, which is no error. */
export function isId(value: string): boolean {
  return validate(value);
}
