import { GraphQLEnumType } from 'graphql';
import { errorCodes, errorReasons } from '../common/error-catalogue.js';

/** The catalogue of errors as types of the schema. No field has them: they tell clients what `extensions` may hold. */
export const errorTypes: readonly GraphQLEnumType[] = [
  new GraphQLEnumType({
    name: 'ErrorCode',
    description: 'What `extensions.code` of an error may be, and what to do about it.',
    values: valuesOf(errorCodes, ({ description, advice }) => `${description} ${advice}`),
  }),
  new GraphQLEnumType({
    name: 'ErrorReason',
    description: 'What `extensions.reason` may be, beside UNAUTHENTICATED, TOKEN_NOT_VALID and FORBIDDEN.',
    values: valuesOf(errorReasons, ({ description, under }) => {
      const advices = Object.entries(under).map(([code, { remedy, advice }]) => `With ${code}, ${remedy}: ${advice}`);
      return [description, ...advices].join('\n');
    }),
  }),
];

function valuesOf<Entry>(entries: Readonly<Record<string, Entry>>, describe: (entry: Entry) => string) {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, { description: describe(entry) }]));
}
