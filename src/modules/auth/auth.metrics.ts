import type { ErrorCode } from '../../common/error-catalogue.js';
import { PosternError } from '../../common/errors.js';
import type { Metrics, RefreshResult, SignInMethod, SignInResult } from '../../common/metrics.js';

/** What the errors say of the sign-in that they end; others are faults of the server, or it was none. */
const signInEnds: Partial<Record<ErrorCode, SignInResult>> = {
  INVALID_CREDENTIALS: 'wrong',
  RATE_LIMITED: 'throttled',
  EMAIL_NOT_VERIFIED: 'refused',
  FORBIDDEN: 'refused',
  TOKEN_NOT_VALID: 'refused',
};

/** Does the work, and counts how the sign-in ended; `resultOf` says it of work that succeeds. */
export async function countSignIn<T>(
  metrics: Metrics,
  method: SignInMethod,
  work: () => Promise<T>,
  resultOf: () => SignInResult = () => 'ok',
): Promise<T> {
  try {
    const done = await work();
    metrics.signIn(method, resultOf());
    return done;
  } catch (error) {
    const result = error instanceof PosternError ? signInEnds[error.code] : undefined;
    if (result) metrics.signIn(method, result);
    throw error;
  }
}

/** New tokens, and whether others were given out for the same token before. */
export interface Renewal<Tokens> {
  readonly tokens: Tokens;
  readonly result: Extract<RefreshResult, 'ok' | 'repeated'>;
}

/** Does the work, and counts how the refresh ended. */
export async function countRefresh<Tokens>(metrics: Metrics, work: () => Promise<Renewal<Tokens>>): Promise<Tokens> {
  try {
    const { tokens, result } = await work();
    metrics.refresh(result);
    return tokens;
  } catch (error) {
    if (error instanceof PosternError && error.code === 'TOKEN_NOT_VALID') {
      metrics.refresh(error.extensions['reason'] === 'REUSED' ? 'reused' : 'refused');
    }
    throw error;
  }
}
