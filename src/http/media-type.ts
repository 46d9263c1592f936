/** The media types of an answer, as GraphQL over HTTP names them. */
export const mediaTypes = {
  json: 'application/json; charset=utf-8',
  graphql: 'application/graphql-response+json; charset=utf-8',
} as const;

export type MediaType = (typeof mediaTypes)[keyof typeof mediaTypes];

interface Preference {
  readonly type: MediaType;
  readonly quality: number;
  readonly specificity: number;
  readonly position: number;
}

/** Chooses the answer's media type by an Accept header (RFC 9110, section 12.5.1); null when it admits neither. */
export function negotiate(accept: string | undefined): MediaType | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json')
    return mediaTypes.json;
  const ranges = accept.split(',').map(parseRange);
  const wishes = [preferenceFor(mediaTypes.json, ranges), preferenceFor(mediaTypes.graphql, ranges)]
    .filter((wish) => wish !== null)
    .filter((wish) => wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || b.specificity - a.specificity || a.position - b.position);
  return wishes[0]?.type ?? null;
}

interface Range {
  readonly name: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { name, quality: Number.isNaN(quality) ? 0 : quality };
}

/** The most specific range decides about a type. */
function preferenceFor(type: MediaType, ranges: readonly Range[]): Preference | null {
  const names = [type.split(';')[0], 'application/*', '*/*'];
  for (const [index, name] of names.entries()) {
    const position = ranges.findIndex((range) => range.name === name);
    const range = ranges[position];
    if (range !== undefined) return { type, quality: range.quality, specificity: names.length - index, position };
  }
  return null;
}
