import type { GraphQLField } from 'graphql';
import { Extensions } from 'type-graphql';

/**
 * Marks a field that checks a password, a code or a token of a mail, or mails one: an operation has one of them at most,
 * so that aliases get nobody past what is counted by request.
 */
export const ChecksCredentials = () => Extensions({ checksCredentials: true });

export function checksCredentials({ extensions }: GraphQLField<unknown, unknown>): boolean {
  return extensions['checksCredentials'] === true;
}
