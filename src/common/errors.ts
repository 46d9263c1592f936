import { GraphQLError } from 'graphql';
import type { ErrorCode, ReasonOf } from './error-catalogue.js';

/** Why a bearer token did not make the caller a user; `MISSING` when none was sent. */
export type UnauthenticatedReason = ReasonOf<'UNAUTHENTICATED'>;

/** Why a token given as an argument was refused. */
export type TokenNotValidReason = ReasonOf<'TOKEN_NOT_VALID'>;

/** One broken rule of an input: the path from the argument on, and what to do about it. */
export interface InputIssue {
  readonly path: readonly string[];
  readonly message: string;
}

/** The only error that Postern raises on purpose: everything else is masked as INTERNAL_SERVER_ERROR. */
export class PosternError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}) {
    super(message, { extensions: { code, ...extensions } });
    this.code = code;
  }
}

const unauthenticatedMessages: Record<UnauthenticatedReason, string> = {
  MISSING: 'Sign in first: this needs an access token in the Authorization header.',
  MALFORMED: 'The access token is not valid. Sign in again.',
  EXPIRED: 'The access token has expired. Refresh it.',
  REVOKED: 'The access token has been revoked. Sign in again.',
  WRONG_TYPE: 'That token is not an access token.',
};

const tokenNotValidMessages: Record<TokenNotValidReason, string> = {
  MISSING: 'No token was given, neither as an argument nor as a cookie.',
  MALFORMED: 'The token is not valid.',
  EXPIRED: 'The token has expired.',
  REVOKED: 'The token has been revoked.',
  WRONG_TYPE: 'The token is of the wrong type for this operation.',
  REUSED: 'The token had been used before; its session has been ended.',
  USER_INACTIVE: 'No active account belongs to this token.',
};

export const unauthenticated = (reason: UnauthenticatedReason): PosternError =>
  new PosternError('UNAUTHENTICATED', unauthenticatedMessages[reason], { reason });

export const tokenNotValid = (reason: TokenNotValidReason): PosternError =>
  new PosternError('TOKEN_NOT_VALID', tokenNotValidMessages[reason], { reason });

export const forbidden = (message = 'You are not allowed to do this.'): PosternError =>
  new PosternError('FORBIDDEN', message);

/** The token is good, but what is asked for needs a sign-in that is not as old (RFC 9470 in spirit). */
export const signInTooOld = (): PosternError =>
  new PosternError('FORBIDDEN', 'Sign in again, or give your password with it: the last sign-in is too long ago.', {
    reason: 'SIGN_IN_TOO_OLD' satisfies ReasonOf<'FORBIDDEN'>,
  });

export const emailNotVerified = (): PosternError =>
  new PosternError('EMAIL_NOT_VERIFIED', 'Verify the e-mail address first: open the link in the mail that was sent.');

export const invalidCredentials = (): PosternError =>
  new PosternError('INVALID_CREDENTIALS', 'No active account matches these credentials.');

export const badUserInput = (issues: readonly InputIssue[]): PosternError =>
  new PosternError('BAD_USER_INPUT', issues.map(describe).join(' '), { issues });

export const conflict = (issues: readonly InputIssue[]): PosternError =>
  new PosternError('CONFLICT', issues.map(describe).join(' '), { issues });

export const notFound = (what: string): PosternError => new PosternError('NOT_FOUND', `There is no such ${what}.`);

/** `retryAfter` is in whole seconds, at least one. */
export const rateLimited = (retryAfterMs: number): PosternError =>
  new PosternError('RATE_LIMITED', 'Too many tries. Wait before the next one.', {
    retryAfter: wholeSeconds(retryAfterMs),
  });

export const serviceUnavailable = (retryAfterMs: number): PosternError =>
  new PosternError('SERVICE_UNAVAILABLE', 'The service is not available just now. Try again soon.', {
    retryAfter: wholeSeconds(retryAfterMs),
  });

/** The server sheds load: HTTP 503 with Retry-After for the whole answer (Apollo Server reads `http` and removes it). */
export const overloaded = (retryAfterMs: number): PosternError => {
  const { message, extensions } = serviceUnavailable(retryAfterMs);
  const headers = new Map([['retry-after', String(extensions['retryAfter'])]]);
  return new PosternError('SERVICE_UNAVAILABLE', message, { ...extensions, http: { status: 503, headers } });
};

/** Throws the error unless the condition holds, and narrows what was tested. */
export function assertThat(condition: unknown, error: () => PosternError): asserts condition {
  if (!condition) throw error();
}

function describe({ path, message }: InputIssue): string {
  return `${path.at(-1) ?? 'input'}: ${message}`;
}

function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}
