import { isNativeError } from 'node:util/types';

/** Whether the statement would have put a second row under a unique key; both drivers tell by the SQLSTATE. */
export function isUniqueViolation(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === '23505';
}
