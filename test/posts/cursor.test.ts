import fc from 'fast-check';
import { CursorCodec, type CursorKey } from '../../src/common/pagination/cursor.js';

const codec = new CursorCodec(Buffer.alloc(32, 1));
const values = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);
const keys: fc.Arbitrary<CursorKey> = fc.tuple(values, fc.uuid());

test('a cursor leads back to its key under its own scope', () => {
  fc.assert(
    fc.property(fc.string(), keys, (scope, key) => {
      expect(codec.decode(scope, codec.encode(scope, key))).toEqual(key);
    }),
  );
});

test('a cursor of another scope or of another secret is refused', () => {
  const other = new CursorCodec(Buffer.alloc(32, 2));
  fc.assert(
    fc.property(fc.string(), fc.string(), keys, (scope, otherScope, key) => {
      fc.pre(scope !== otherScope);
      expect(codec.decode(otherScope, codec.encode(scope, key))).toBeNull();
      expect(codec.decode(scope, other.encode(scope, key))).toBeNull();
    }),
  );
});

test('a cursor of which any character was changed, dropped or added is refused', () => {
  const character = fc.constantFrom(...'ABYZaz09-_=+/ \n');
  fc.assert(
    fc.property(keys, fc.nat(), character, fc.constantFrom(0, 1), (key, position, replacement, removed) => {
      const cursor = codec.encode('scope', key);
      const at = position % (cursor.length + 1);
      const changed = cursor.slice(0, at) + replacement + cursor.slice(at + removed);
      fc.pre(changed !== cursor);
      expect(codec.decode('scope', changed)).toBeNull();
    }),
    { numRuns: 1000 },
  );
});

test('the end of a scope cannot pass for the start of a key', () => {
  const cursor = codec.encode('posts', ['a', 'b']);
  const bytes = Buffer.from(cursor, 'base64url');
  const shifted = Buffer.concat([bytes.subarray(0, 16), Buffer.from('s'), bytes.subarray(16)]).toString('base64url');
  expect(codec.decode('post', shifted)).toBeNull();
});

test.each(['', 'null', 'AAAA', 'A'.repeat(22), 'A'.repeat(100_000), '\0', '😀', 'undefined'])(
  'the made-up cursor %j is refused',
  (cursor) => {
    expect(codec.decode('scope', cursor)).toBeNull();
  },
);

test('a secret of the wrong length is refused', () => {
  expect(() => new CursorCodec(Buffer.alloc(16))).toThrow(RangeError);
});
