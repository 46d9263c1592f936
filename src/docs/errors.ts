import {
  type Advice,
  type CodeEntry,
  errorCodes,
  errorReasons,
  type ReasonedCode,
  type SimpleJwtError,
} from '../common/error-catalogue.js';

const introduction = `# Errors

Generated from the code by \`npm run docs\`: do not edit.

Every error carries \`extensions.code\`, and some codes a \`reason\`: programs decide by these, messages are for people and may
change. The schema has them as the enums \`ErrorCode\` and \`ErrorReason\`. The last column shows what
djangorestframework-simplejwt answers in the same case, for those who come from there.

| what a client does | |
| --- | --- |
| refresh | call \`refreshToken\` once, and repeat the request with the new access token |
| sign in | forget both tokens and ask the user to sign in |
| fix the input | show the user what to change |
| fix the request | mend the client: no user can |
| wait and retry | try again after \`retryAfter\` seconds |
| report | tell those who run the server, with the \`requestId\` |
| give up | say that it cannot be done |
`;

/** docs/errors.md: the codes, and the reasons under each code that has them. */
export function renderErrors(): string {
  const codes = Object.entries(errorCodes).map(([code, entry]) => [
    `\`${code}\``,
    entry.description,
    remedyOf(entry),
    extensionsOf(entry),
    simpleJwtOf(entry),
  ]);
  return [
    introduction,
    section('Codes', ['code', 'when', 'what to do', 'further extensions', 'in SimpleJWT'], codes),
    ...(['UNAUTHENTICATED', 'TOKEN_NOT_VALID'] as const).map((code) =>
      section(`Reasons of ${code}`, ['reason', 'when', 'what to do', 'in SimpleJWT'], reasonsOf(code)),
    ),
  ].join('\n');
}

function reasonsOf(code: ReasonedCode): string[][] {
  return Object.entries(errorReasons).flatMap(([reason, { description, under }]) => {
    const advice = under[code];
    return advice ? [[`\`${reason}\``, description, remedyOf(advice), simpleJwtOf(advice)]] : [];
  });
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [`## ${title}`, '', ...table, ''].join('\n');
}

function remedyOf({ remedy, advice }: Advice): string {
  return `**${remedy}**: ${advice}`;
}

function extensionsOf({ extensions, optionalExtensions = [] }: CodeEntry): string {
  return [
    ...extensions.map((name) => `\`${name}\``),
    ...optionalExtensions.map((name) => `\`${name}\`, at times`),
  ].join(', ');
}

function simpleJwtOf({ simpleJwt = [] }: Advice): string {
  return simpleJwt.map(inSimpleJwt).join('<br>');
}

function inSimpleJwt({ code, message }: SimpleJwtError): string {
  return code === null ? `“${message}”` : `\`${code}\` “${message}”`;
}
