import { isNativeError } from 'node:util/types';
import { type InputIssue, PosternError } from '../common/errors.js';
import { ConfigError } from '../config.js';
import { EmbeddedDatabaseInUseError } from '../database/data-dir-lock.js';
import { isDatabaseUnavailable } from '../database/unavailable.js';
import { SigningKeyError } from '../modules/auth/keys/signing-key.error.js';
import { BrokenChainError } from '../modules/security-events/event-chain.verifier.js';
import { UsageError } from './usage.js';

/** What listening may fail with, and what mends it. */
const listenRemedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already. Stop it, or set PORT or METRICS_PORT to another port',
  EACCES: 'this user may not. Set PORT and METRICS_PORT to 1024 or more',
  EADDRNOTAVAIL: 'this machine has no such address. Set HOST and METRICS_HOST to its own',
  ENOTFOUND: 'there is no such host. Set HOST and METRICS_HOST to addresses of this machine',
};

/** What to tell the person at the terminal, a line for each fault; null for what nobody foresaw. */
export function explain(error: unknown): readonly string[] | null {
  if (error instanceof PosternError) return explainPosternError(error);
  if (!isNativeError(error)) return null;
  if (error instanceof ConfigError) return error.message.split('\n');
  if (isForPeople(error)) return [error.message];
  return explainListening(error) ?? explainDatabase(error);
}

/** What says in its message all that there is to say. */
function isForPeople(error: Error): boolean {
  return [UsageError, EmbeddedDatabaseInUseError, BrokenChainError, SigningKeyError].some(
    (type) => error instanceof type,
  );
}

/** The last part of an issue's path is what the command calls the value, too. */
function explainPosternError({ message, extensions }: PosternError): string[] {
  const { issues } = extensions;
  if (!Array.isArray(issues)) return [message];
  return issues.filter(isInputIssue).map((issue) => `${issue.path.at(-1) ?? 'input'} ${issue.message}`);
}

function isInputIssue(value: unknown): value is InputIssue {
  return typeof value === 'object' && value !== null && 'path' in value && 'message' in value;
}

function explainListening(error: Error): string[] | null {
  if (textOf(error, 'syscall') !== 'listen' && textOf(error, 'syscall') !== 'getaddrinfo') return null;
  const remedy = listenRemedies[textOf(error, 'code')];
  if (remedy === undefined) return null;
  const where = 'port' in error ? `port ${error.port} of ${textOf(error, 'address')}` : textOf(error, 'hostname');
  return [`Cannot listen on ${where}: ${remedy}.`];
}

function explainDatabase(error: Error): string[] | null {
  const cause = rootOf(error);
  if (isDatabaseUnavailable(error)) {
    return [`The database does not answer (${firstLine(cause)}). Is it running, and is DATABASE_URL right?`];
  }
  const code = textOf(cause, 'code');
  // An SQLSTATE: the server's own answer.
  return /^[0-9A-Z]{5}$/.test(code) ? [`The database refuses (${code}): ${firstLine(cause)}`] : null;
}

/** Below the wrappers, whose messages repeat whole statements; of several addresses that were all tried, the first. */
function rootOf(error: Error): Error {
  const [first]: unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  const inner = first ?? error.cause ?? ('previous' in error ? error.previous : undefined);
  return isNativeError(inner) && inner !== error ? rootOf(inner) : error;
}

function firstLine({ message, name }: Error): string {
  return message.split('\n', 1)[0] || name;
}

function textOf(error: Error, property: string): string {
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}
