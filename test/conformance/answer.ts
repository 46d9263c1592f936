/** One of our tests, or one row of its table. */
export interface TestReference {
  /** From the project's root on. */
  readonly file: string;
  /** As it stands in the file, with the `%s` of a table. */
  readonly title: string;
  /** What the row is called there. */
  readonly row?: string;
}

/** What became of a test of SimpleJWT's. */
export type Answer =
  | { readonly kind: 'same'; readonly tests: readonly TestReference[] }
  | { readonly kind: 'different'; readonly why: string; readonly tests: readonly TestReference[] }
  | { readonly kind: 'none'; readonly why: string };

type Tests = [TestReference, ...TestReference[]];

/** Tests of ours that ask for the same. */
export const same = (...tests: Tests): Answer => ({ kind: 'same', tests });

/** Postern does otherwise on purpose, as our tests show. */
export const different = (why: string, ...tests: Tests): Answer => ({ kind: 'different', why, tests });

/** There is nothing here that it could be about. */
export const none = (why: string): Answer => ({ kind: 'none', why });

/** Names the tests of a file. */
export function testsOf(file: string) {
  return (title: string, row?: string): TestReference => ({ file, title, ...(row === undefined ? {} : { row }) });
}
