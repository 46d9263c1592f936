import type { Answer } from '../answer.js';
import type { simpleJwtTests } from '../simplejwt-tests.js';

type Files = typeof simpleJwtTests;
export type SimpleJwtFile = keyof Files;

/** An answer to each test of a file of SimpleJWT's, no more and no less: the compiler counts too. */
export type AnswersTo<File extends SimpleJwtFile> = {
  readonly [Class in keyof Files[File]]: Files[File][Class] extends readonly (infer Name extends string)[]
    ? Readonly<Record<Name, Answer>>
    : never;
};
