import { GraphQLError } from 'graphql';

const wrongVariable = /^(Variable "\$\w+" got) invalid value /;
const place = / at "([^"]*)"$/;

/**
 * What graphql-js says of wrong input, without the input: a password of the wrong type would be in the answer, and in
 * whatever the client does with errors.
 */
export function withoutInput(message: string, error: unknown): string {
  const reason = error instanceof GraphQLError ? error.originalError?.message : undefined;
  const [, start] = wrongVariable.exec(message) ?? [];
  if (start === undefined || reason === undefined || !message.endsWith(`; ${reason}`)) return withoutLiteral(message);
  const [, path] = place.exec(message.slice(0, -`; ${reason}`.length)) ?? [];
  return `${start} an invalid value${path === undefined ? '' : ` at "${path}"`}; ${withoutLiteral(reason)}`;
}

/** Values of scalars and enums, and strings where the grammar has none. */
function withoutLiteral(message: string): string {
  return message
    .replace(/( cannot represent( [\w-]{1,40}){1,9}): .*$/s, '$1.')
    .replace(/^(Expected value of type "[^"]*"), found (?!null\.).*$/s, '$1.')
    .replace(/^(Argument "[^"]*" has invalid value) .*$/s, '$1.')
    .replace(/^(Syntax Error: [^"]*\b(?:Block)?String) ".*$/s, '$1.');
}
