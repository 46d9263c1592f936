import { isNativeError } from 'node:util/types';

/** Node's codes for a peer that cannot be reached or has gone. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * SQLSTATEs of a server that cannot serve just now: connection exceptions, insufficient resources, shutdown and
 * start-up, its own timeouts, a standby that takes no writes.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const unavailableStates = /^(08...|53...|57P0[1-5]|57014|25006|25P03|25P04)$/;

/** What pg, pg-pool, Kysely and PGlite say without a code; whole beginnings, as they stand in their sources. */
const unavailableMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'driver has already been destroyed',
  'PGlite is closed',
  'PGlite is closing',
];

/** Whether an error, or anything that caused it, says that the database is away, overloaded or not writable just now. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return isUnavailable(error, new Set());
}

function isUnavailable(error: unknown, seen: Set<unknown>): boolean {
  if (!isNativeError(error) || seen.has(error)) return false;
  seen.add(error);
  return saysUnavailable(error) || innerErrors(error).some((inner) => isUnavailable(inner, seen));
}

function saysUnavailable(error: Error): boolean {
  if (error.name === 'ConnectionException' || error.name === 'DatabaseTimeoutError') return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (networkCodes.has(code) || unavailableStates.test(code)) return true;
  // A Unix socket that is not there: the server has not made it yet.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  return unavailableMessages.some((message) => error.message.startsWith(message));
}

/** `cause`, GraphQL's `originalError`, and the several addresses of one host that were all refused. */
function innerErrors(error: Error): unknown[] {
  const original = 'originalError' in error ? error.originalError : undefined;
  const several = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error.cause, original, ...several];
}
