import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { heavyTexts, hostileTexts, nearlyTokens } from './hostile.js';
import { type Operation, type Values, withLiterals, withVariables } from './operations.js';
import { filledWith, type Known, valuesFor } from './values.js';

/** What Node itself takes of a header, or of the first line of a request. */
const longestHeader = 8_000;

type Headers = Readonly<Record<string, string>>;

/** An operation as it comes over the wire: with variables, with its arguments written out, or in a URL. */
export function requestsFor(operation: Operation, known: Known): fc.Arbitrary<InjectOptions> {
  const ways = operation.type === 'query' ? [inVariables, inVariables, inDocument, inUrl] : [inVariables, inDocument];
  return fc
    .record({ way: fc.constantFrom(...ways), values: valuesFor(operation, known), headers: headersFor(known) })
    .map(({ way, values, headers }) => {
      const request = way(operation, values);
      return { ...request, headers: { ...headers, ...request.headers } };
    });
}

/** The operation with nothing but one heavy text after the other in its arguments; none where it takes no argument. */
export function heavyRequestsFor(operation: Operation): InjectOptions[] {
  if (operation.args.length === 0) return [];
  return heavyTexts.map((text) => inVariables(operation, filledWith(text, operation.args)));
}

/** In most cases none; else what a browser, or a client that is broken, sends along. */
function headersFor(known: Known): fc.Arbitrary<Headers> {
  const text = fc.constantFrom(...[...known.tokens, ...nearlyTokens(known.tokens)].filter(isHeader), ...hostileHeaders);
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    text.map((token) => ({ authorization: `Bearer ${token}` })),
    fc.tuple(text, text).map(([refresh, device]) => ({
      cookie: `postern_refresh=${refresh}; postern_device=${device}`,
      origin: 'http://localhost:4000',
    })),
  );
}

function isHeader(value: string): boolean {
  return value.length < longestHeader && /^[\x20-\x7e]*$/.test(value);
}

/** As browsers write them into cookies; half a pair of surrogates cannot be written. */
const hostileHeaders = hostileTexts
  .filter(({ length }) => length < longestHeader)
  .map((value) => encodeURIComponent(value.toWellFormed()))
  .filter(isHeader);

function inVariables(operation: Operation, values: Values): InjectOptions {
  return posted({ query: withVariables(operation), variables: values });
}

function inDocument(operation: Operation, values: Values): InjectOptions {
  return posted({ query: withLiterals(operation, values) });
}

function inUrl(operation: Operation, values: Values): InjectOptions {
  const search = new URLSearchParams({ query: withVariables(operation), variables: JSON.stringify(values) });
  const url = `/graphql?${search}`;
  if (url.length > longestHeader) return inVariables(operation, values);
  return { method: 'GET', url, headers: { 'apollo-require-preflight': '1' } };
}

function posted(body: object): InjectOptions {
  return {
    method: 'POST',
    url: '/graphql',
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  };
}

const query = 'query A($first: Int) { posts(first: $first) { totalCount } }';
const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(...hostileTexts), fc.constantFrom([], {}, null));
const oneOr = (usual: unknown) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: json });

/** Documents that are as deep, or as long, as told. */
const towers: readonly ((size: number) => string)[] = [
  (size) => `{ ${'... { '.repeat(size)} __typename ${'} '.repeat(size)} }`,
  (size) => `{ post(id: ${'['.repeat(size)}${']'.repeat(size)}) { id } }`,
  (size) =>
    `mutation { completePasskeySignIn(input: { token: "a", response: ${nested('{ a: ', '1', ' }', size)} }) { tokenType } }`,
  (size) => `query ($a: ${nested('[', 'Int', ']', size)}) { posts(first: $a) { totalCount } }`,
  (size) => `{ ${'... @include(if: true) @skip(if: false) { __typename } '.repeat(size)} }`,
  (size) => `{ __typename ${'@include(if: true) '.repeat(size)} }`,
  (size) => `{ ${'posts { nodes { id } } '.repeat(size)} }`,
  (size) => `{ ${repeated(size, (place) => `a${place}: __typename`)} }`,
  (size) => repeated(size, (place) => `query Q${place} { __typename }`),
  (size) =>
    `{ ...f0 } ${repeated(size, (place) => `fragment f${place} on Query { ...f${place + 1} }`)} fragment f${size} on Query { me { id } }`,
  (size) =>
    `{ ${repeated(size, (place) => `...f${place}`)} } ${repeated(size, (place) => `fragment f${place} on Query { me { id } }`)}`,
  (size) => `{ posts(filter: { ${'search: "a" '.repeat(size)} }) { totalCount } }`,
  (size) => `query (${repeated(size, (place) => `$v${place}: Int`)}) { __typename }`,
];

const nested = (open: string, middle: string, close: string, depth: number) =>
  `${open.repeat(depth)}${middle}${close.repeat(depth)}`;

function repeated(times: number, make: (place: number) => string): string {
  return Array.from({ length: times }, (_, place) => make(place)).join(' ');
}

/** Up to where the parser stops, and beyond. */
const sizes = [20, 3_600, 7_400, 20_000];

export const towering: readonly InjectOptions[] = towers.flatMap((tower) =>
  sizes.map((size) => posted({ query: tower(size) })),
);

/** Bodies whose parts are of any type, beside those that are no JSON, or no object. */
export const bodies: fc.Arbitrary<InjectOptions> = fc
  .oneof(
    {
      weight: 8,
      arbitrary: fc
        .record(
          { query: oneOr(query), variables: oneOr({ first: 1 }), operationName: oneOr('A'), extensions: oneOr({}) },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    },
    fc.json(),
    fc.constantFrom('', '{', '[', 'null', '\ufeff{}', `${'['.repeat(200_000)}`, '{"query":"{ __typename }"}{}', '\0'),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from('{"query":"{ user(username: \\"\xff\xfe\\") { id } }"}', 'latin1')),
  )
  .map((payload) => ({ method: 'POST', url: '/graphql', payload, headers: { 'content-type': 'application/json' } }));
