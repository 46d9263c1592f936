/** From this share of common characters on a password is too like a name (Django's UserAttributeSimilarityValidator). */
const maxSimilarity = 0.7;

/**
 * Whether the password is like the value or a part of it, in any case, as Django judges it: by the characters that they
 * have in common, in whatever order (`quick_ratio` of Python's difflib), parts being runs of letters, digits and `_`.
 */
export function isSimilar(password: string, value: string): boolean {
  const guarded = Array.from(password.toLowerCase());
  const whole = value.toLowerCase();
  return [...whole.split(/[^\p{L}\p{M}\p{N}_]+/u), whole].some((part) => isLike(guarded, Array.from(part)));
}

function isLike(password: readonly string[], part: readonly string[]): boolean {
  // A part this much shorter cannot reach the share, or says nothing by it.
  const isShort = password.length >= 10 * part.length && part.length < (maxSimilarity / 2) * password.length;
  return !isShort && quickRatio(password, part) >= maxSimilarity;
}

/** Twice the characters in common, by the characters of both. */
function quickRatio(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const character of b) left.set(character, (left.get(character) ?? 0) + 1);
  let matches = 0;
  for (const character of a) {
    const count = left.get(character) ?? 0;
    if (count > 0) matches += 1;
    left.set(character, count - 1);
  }
  return (2 * matches) / (a.length + b.length);
}
