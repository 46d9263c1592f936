import { glob, readFile } from 'node:fs/promises';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { isEnumType } from 'graphql';
import { errorCodes, errorReasons, type ReasonedCode, type ReasonOf } from '../../src/common/error-catalogue.js';
import * as errors from '../../src/common/errors.js';
import { internalError } from '../../src/graphql/errors.js';
import { createBareSchema } from '../../src/graphql/schema.js';

const issues = [{ path: ['input'], message: 'is wrong' }];

/** Errors by every factory there is: the compiler tells when one is missing. */
const samples: Record<Exclude<keyof typeof errors, 'PosternError' | 'assertThat'>, errors.PosternError[]> = {
  unauthenticated: reasonsUnder('UNAUTHENTICATED').map(errors.unauthenticated),
  tokenNotValid: reasonsUnder('TOKEN_NOT_VALID').map(errors.tokenNotValid),
  forbidden: [errors.forbidden()],
  signInTooOld: [errors.signInTooOld()],
  emailNotVerified: [errors.emailNotVerified()],
  invalidCredentials: [errors.invalidCredentials()],
  badUserInput: [errors.badUserInput(issues)],
  conflict: [errors.conflict(issues)],
  notFound: [errors.notFound('post')],
  rateLimited: [errors.rateLimited(1)],
  serviceUnavailable: [errors.serviceUnavailable(1)],
  overloaded: [errors.overloaded(1)],
};

const raised = [...Object.values(samples).flat(), internalError('an id')].map(({ extensions }) => extensions ?? {});

/** Codes and reasons as the program's own text has them. */
async function namedInSource(pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob('src/**/*.ts', { exclude: ['src/common/error-catalogue.ts'] })) {
    for (const [, name] of (await readFile(path, 'utf8')).matchAll(pattern)) found.push(name ?? '');
  }
  return found;
}

function reasonsUnder<Code extends ReasonedCode>(code: Code): ReasonOf<Code>[] {
  const entries: Readonly<Record<string, { under: object }>> = errorReasons;
  const isUnder = (reason: string): reason is ReasonOf<Code> => code in (entries[reason]?.under ?? {});
  return Object.keys(entries).filter(isUnder);
}

const sorted = (names: Iterable<unknown>) => [...new Set(names)].sort();
const codesBy = (who: 'postern' | 'transport') =>
  Object.entries(errorCodes).flatMap(([code, { raisedBy }]) => (raisedBy.includes(who) ? [code] : []));

describe('the catalogue of errors', () => {
  test("has the contract's codes and reasons", () => {
    expect(Object.keys(errorCodes)).toEqual(
      expect.arrayContaining([
        ...['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_CREDENTIALS', 'TOKEN_NOT_VALID', 'BAD_USER_INPUT', 'NOT_FOUND'],
        ...['CONFLICT', 'RATE_LIMITED', 'EMAIL_NOT_VERIFIED', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
        ...['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE', 'PERSISTED_QUERY_NOT_FOUND'],
        ...['PERSISTED_QUERY_NOT_SUPPORTED', 'QUERY_TOO_COMPLEX', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'],
      ]),
    );
    const ofBearers = ['MISSING', 'MALFORMED', 'EXPIRED', 'REVOKED', 'WRONG_TYPE'];
    expect(sorted(reasonsUnder('UNAUTHENTICATED'))).toEqual(sorted(ofBearers));
    expect(sorted(reasonsUnder('TOKEN_NOT_VALID'))).toEqual(sorted([...ofBearers, 'REUSED', 'USER_INACTIVE']));
  });

  test('has the codes that Postern raises, and no others as its own', () => {
    expect(sorted(raised.map(({ code }) => code))).toEqual(sorted(codesBy('postern')));
  });

  test("has Apollo Server's codes and those of the limits, and no others as theirs", async () => {
    const named = await namedInSource(/\bextensions[:=\s]+\{ code: '([A-Z_]+)'/g);
    const ours = new Set([...codesBy('postern'), 'INTERNAL_SERVER_ERROR']);
    const theirs = [...Object.values(ApolloServerErrorCode), ...named].filter((code) => !ours.has(code));
    expect(sorted([...theirs, 'BAD_USER_INPUT'])).toEqual(sorted(codesBy('transport')));
  });

  test.each(raised)('tells what is in the extensions %j', ({ code, http: _, ...further }) => {
    const entry = Object.entries(errorCodes).find(([name]) => name === code)?.[1];
    const optional = Object.keys(further).filter((name) => entry?.optionalExtensions?.some((one) => one === name));
    expect(Object.keys(further)).toEqual([...(entry?.extensions ?? []), ...optional]);
  });

  test('has no reason that nobody gives, and none is given that it has not', async () => {
    const given = await namedInSource(
      /\b(?:(?:tokenNotValid|unauthenticated|anonymous|TokenError)\(\s*|reason: )'([A-Z_]+)'/g,
    );
    // A bearer that cannot be checked is answered with SERVICE_UNAVAILABLE, which has no reason.
    expect(sorted(given.filter((reason) => reason !== 'UNAVAILABLE'))).toEqual(sorted(Object.keys(errorReasons)));
  });

  test.each([
    ['ErrorCode', errorCodes],
    ['ErrorReason', errorReasons],
  ])('is %s in the schema, with words to every value', (name, entries) => {
    const type = createBareSchema().getType(name);
    const values = isEnumType(type) ? type.getValues() : [];
    expect(values.map((value) => value.name)).toEqual(Object.keys(entries));
    for (const { description } of values) expect(description).toMatch(/^[A-Z].*\..*[a-z`]\.$/s);
  });
});
