import { isNativeError } from 'node:util/types';

/** A command was called in a way that it does not know, or that does not fit; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The complaint of `parseArgs`, without its advice on positional arguments. */
export function toUsageError(error: unknown): unknown {
  if (!isNativeError(error) || !('code' in error)) return error;
  if (!String(error.code).startsWith('ERR_PARSE_ARGS')) return error;
  const [complaint] = error.message.split(/\.\s/, 1);
  return new UsageError(`${complaint}. See --help.`);
}
