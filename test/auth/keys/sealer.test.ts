import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Sealer } from '../../../src/common/sealer.js';

const key = Buffer.alloc(32, 7);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 40 });

test('whatever is sealed opens again, under the same key, purpose and context', () => {
  fc.assert(
    fc.property(bytes, text, text, (secret, purpose, context) => {
      const sealed = new Sealer(key, purpose).seal(secret, context);
      expect(new Sealer(key, purpose).open(sealed, context)).toEqual(secret);
    }),
  );
});

test('it opens for no other key, purpose or context', () => {
  fc.assert(
    fc.property(bytes, text, text, (secret, purpose, context) => {
      const sealed = new Sealer(key, purpose).seal(secret, context);
      expect(new Sealer(randomBytes(32), purpose).open(sealed, context)).toBeNull();
      expect(new Sealer(key, `${purpose}!`).open(sealed, context)).toBeNull();
      expect(new Sealer(key, purpose).open(sealed, `${context}!`)).toBeNull();
    }),
  );
});

test('it does not open once any bit was changed, or any byte lost', () => {
  const sealer = new Sealer(key, 'purpose');
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 0, max: 7 }), (secret, position, bit) => {
      const sealed = sealer.seal(secret, 'context');
      const changed = Buffer.from(sealed);
      const index = position % sealed.length;
      changed[index] = (changed[index] ?? 0) ^ (1 << bit);
      expect(sealer.open(changed, 'context')).toBeNull();
      expect(sealer.open(sealed.subarray(0, index), 'context')).toBeNull();
    }),
  );
});

test('the same secret is never sealed to the same bytes, and never shows', () => {
  const sealer = new Sealer(key, 'purpose');
  const secret = Buffer.from('a secret of some length, to be found again');
  const all = Array.from({ length: 50 }, () => sealer.seal(secret, 'context'));
  expect(new Set(all.map((sealed) => sealed.toString('hex'))).size).toBe(50);
  for (const sealed of all) expect(sealed.includes(secret.subarray(0, 8))).toBe(false);
});
