import { randomInt } from 'node:crypto';

/** Without the letters and digits that look like one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password of 99 random bits that can be read aloud, as `k7mqe-xw2ha-…`: four groups of five characters. */
export function randomPassword(): string {
  return Array.from({ length: 4 }, randomGroup).join('-');
}

/** Five characters that can be read aloud, of 24 random bits. */
export function randomGroup(): string {
  return Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
