import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { errorCodes } from '../common/error-catalogue.js';
import { forbidden, PosternError, serviceUnavailable } from '../common/errors.js';
import { ExtensionError } from '../common/extension-error.js';
import { withoutInput } from './input-messages.js';

/** Codes that Apollo Server and the query limits give to errors whose text is meant for the client. */
const transportCodes: ReadonlySet<unknown> = new Set(
  Object.entries(errorCodes).flatMap(([code, { raisedBy }]) => (raisedBy.includes('transport') ? [code] : [])),
);

/** graphql-js raises these for wrong arguments without a code, so that Apollo Server takes them for faults of the server. */
const inputFault =
  /^(Argument "[^"]*" (of (required|non-null) type|has invalid value) |Too many errors processing variables)/;

/** graphql-js counts tokens while it parses, and calls too many a syntax error. */
const tooManyTokens = /^Syntax Error: Document contains more tha[nt] (\d+) tokens\./;

/** graphql-js prints whole inputs into its messages. */
const maxMessageLength = 1_000;

/** How long a client is told to wait for a database that is away, in milliseconds. */
const databaseRetryAfter = 2_000;

export interface ErrorMapping {
  /** Apollo Server's `formatError`: what the client may see of an error, with its path and locations. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError;
  /** Logs the errors that nobody foresaw, and remembers the request they belong to for `formatError`. */
  report(errors: readonly unknown[], requestId: string): void;
}

export interface ErrorMappingOptions {
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  readonly isDatabaseUnavailable: (error: unknown) => boolean;
}

/** Makes the one place where errors of every layer turn into the contract's form. */
export function createErrorMapping({ logger, isDatabaseUnavailable }: ErrorMappingOptions): ErrorMapping {
  const requestIds = new WeakMap<object, string>();
  const isAway = (cause: unknown) => !(cause instanceof ExtensionError) && isDatabaseUnavailable(cause);

  function report(errors: readonly unknown[], requestId: string): void {
    for (const error of errors) {
      if (typeof error !== 'object' || error === null || forClient(error) !== null) continue;
      requestIds.set(error, requestId);
      const err = rootCause(error);
      if (isAway(err)) logger.warn({ requestId, err }, 'the database is away');
      else logger.error({ requestId, err, path: pathOf(error) }, 'unforeseen error');
    }
  }

  function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const known = forClient(error, { ...formatted, message: withoutInput(formatted.message, error) });
    if (known !== null) return { ...formatted, ...known };
    if (isAway(rootCause(error))) {
      return { ...formatted, ...publicPart(serviceUnavailable(databaseRetryAfter)) };
    }
    const requestId = typeof error === 'object' && error !== null ? requestIds.get(error) : undefined;
    return { ...formatted, ...internalError(requestId) };
  }

  return { formatError, report };
}

/** What is said of an error that nobody foresaw: the log has the rest under the same id. */
export function internalError(requestId?: string): Pick<GraphQLFormattedError, 'message' | 'extensions'> {
  const extensions = { code: 'INTERNAL_SERVER_ERROR', ...(requestId === undefined ? {} : { requestId }) };
  return { message: 'Internal server error', extensions };
}

type PublicPart = Pick<GraphQLFormattedError, 'message' | 'extensions'>;

/** The message and extensions of an error that was made for the client; null for any other. */
function forClient(error: unknown, formatted?: GraphQLFormattedError): PublicPart | null {
  const cause = rootCause(error);
  if (cause instanceof PosternError) {
    return cause.code === 'INTERNAL_SERVER_ERROR' ? null : publicPart(formatted ?? cause);
  }
  const [, tokens] = (cause instanceof GraphQLError && tooManyTokens.exec(cause.message)) || [];
  if (tokens !== undefined) {
    const message = `The document has more than ${tokens} words and signs. Ask for less, or in parts.`;
    return { message, extensions: { code: 'QUERY_TOO_COMPLEX' } };
  }
  if (cause instanceof RangeError && codeOf(error) === 'GRAPHQL_PARSE_FAILED') {
    return {
      message: 'Syntax Error: The document is nested too deeply.',
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    };
  }
  if (transportCodes.has(codeOf(isRequestError(error) ? error : cause)))
    return publicPart(formatted ?? { message: '' });
  if (cause instanceof GraphQLError && inputFault.test(cause.message)) {
    return publicPart({ message: formatted?.message ?? '', extensions: { code: 'BAD_USER_INPUT' } });
  }
  // graphql-shield says this where a rule answers a bare `false`.
  if (cause instanceof Error && cause.message === 'Not Authorised!') return publicPart(forbidden());
  return null;
}

function publicPart({ message, extensions }: Pick<GraphQLFormattedError, 'message' | 'extensions'>): PublicPart {
  const shortened = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message;
  return { message: shortened, ...(extensions === undefined ? {} : { extensions }) };
}

/** graphql-js and Apollo Server wrap what a resolver threw, sometimes twice. */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && !(cause instanceof PosternError) && cause.originalError) {
    cause = cause.originalError;
  }
  return cause;
}

/** Raised before any resolver ran, so that whatever lies beneath it, a scalar's TypeError for one, is the client's doing. */
function isRequestError(error: unknown): boolean {
  return error instanceof GraphQLError && error.path === undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? error.extensions['code'] : undefined;
}

function pathOf(error: object): string | undefined {
  return error instanceof GraphQLError ? error.path?.join('.') : undefined;
}
