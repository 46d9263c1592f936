import fc from 'fast-check';

/** Texts that some layer, somewhere, takes for something else. */
export const hostileTexts: readonly string[] = [
  ...['', ' ', '\t\n', '\0', 'a\0b', '\ud800', 'a\udc00b', '\uffff', '\ufeffa', '\u202ea', '\u200b', '\x7f', '\x1b[2J'],
  ...[
    "' or 1=1 --",
    '"; drop table users; --',
    '$1',
    '%s%n',
    '\\',
    '%00',
    '../../etc/passwd',
    '{{7*7}}',
    '<b>',
    '*',
    '%',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', 'NaN', '0', '-1', '1e309'],
  ...['a@example.com\r\nBcc: b@example.com', '"a b"@example.com', '@', 'a@b', 'x@xn--nxasmq6b.example'],
  // Letters that change their number, or their script, with their case; equals of ASCII that are none.
  ...['İ', 'ı', 'ß', 'ſ', '\u212a', 'ﬁ', 'аdmin', 'ａｄｍｉｎ', 'e\u0301', '\u{1f511}', '１２３４５６'],
  ...['x'.repeat(151), 'x'.repeat(257), '\u{1f511}'.repeat(256), 'a '.repeat(200)],
];

/** Texts that are long to read, to fold or to put into their normal order, and two that no database takes. */
export const heavyTexts: readonly string[] = [
  ...['\0', '\ud800', 'x'.repeat(100_001), '\ufdfa'.repeat(60_000)],
  // Each mark has its place among all those before it.
  `a${'\u0301\u0316'.repeat(60_000)}`,
];

/** Ids of nobody, and what is none. */
export const strangeIds: readonly string[] = [
  ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ...['00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-00000000000', '1', '-1', '9'.repeat(40)],
  ...['{00000000-0000-7000-8000-000000000000}', 'urn:uuid:00000000-0000-7000-8000-000000000000'],
  ...['00000000-0000-7000-8000-000000000000\n', '００００００００-0000-7000-8000-000000000000', '-'.repeat(36)],
];

/** Keys that an object has already, and one that it has not. */
const strangeKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'stranger',
];

const strangeNumbers = [-1, -0, 101, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e21, 1e300, 0.5, -0.1];

/** What is of the wrong type almost everywhere. */
export const strangers: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '5', '', [], [null], [[]], {}, ['a', 'b'], ...strangeNumbers),
  fc
    .tuple(fc.constantFrom(...strangeKeys), fc.jsonValue({ maxDepth: 2 }))
    .map(([key, value]) => withKey({}, key, value)),
  fc.constantFrom(nested(20), nested(500)),
);

/** An object of that many levels. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { a: [value] };
  return value;
}

/** The object with one more key of its own, be it one that every object inherits. */
export function withKey(object: object, key: string, value: unknown): object {
  return Object.defineProperty({ ...object }, key, { value, enumerable: true, configurable: true, writable: true });
}

export const strangeKey: fc.Arbitrary<string> = fc.constantFrom(...strangeKeys);

/** Texts that are almost the one that is good. */
export function nearly(good: string): string[] {
  const [middle, half] = [Math.floor(good.length / 2), good.slice(0, Math.floor(good.length / 2))];
  const other = good[middle] === 'A' ? 'B' : 'A';
  return [
    ...[
      good.slice(1),
      good.slice(0, -1),
      `${good}=`,
      `${good} `,
      ` ${good}`,
      `${good}\n`,
      `${good}\0`,
      `Bearer ${good}`,
    ],
    ...[good.toUpperCase(), good.toLowerCase(), half, `${half}${other}${good.slice(middle + 1)}`, good + good],
    ...[`${good}\u0301`, good.replace(/^./, '\ud83d'), Buffer.from(good).toString('base64')],
  ];
}

const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
const otherHeader = Buffer.from('{"alg":"HS256","kid":"../../dev/null","jwk":{}}').toString('base64url');

/** Tokens whose parts do not belong together. */
export function nearlyTokens(tokens: readonly string[]): string[] {
  const ofJwt = tokens
    .filter((token) => token.split('.').length === 3)
    .flatMap((token) => {
      const [header, payload, signature] = token.split('.');
      const another = Buffer.from('{"sub":null,"exp":1e300}').toString('base64url');
      return [
        ...[`${unsigned}.${payload}.`, `${otherHeader}.${payload}.${signature}`, `${header}.${another}.${signature}`],
        ...[`${header}..${signature}`, '..', `${header}.${payload}`, `${header}.${payload}.${signature}.${signature}`],
      ];
    });
  return [...tokens.flatMap(nearly), ...ofJwt, 'A'.repeat(43), 'A'.repeat(96), 'a'.repeat(9_000)];
}
