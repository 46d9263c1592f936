import type { RequestContext } from '../../common/context.js';
import { assertThat, forbidden, tokenNotValid } from '../../common/errors.js';
import type { TokenPair } from './auth.types.js';
import type { IssuedTokens } from './tokens/token-issuer.js';

/** A refresh token as it was presented. */
export interface PresentedToken {
  readonly token: string;
  readonly byCookie: boolean;
}

/** The argument, or else the cookie, or else null; throws FORBIDDEN for a cookie that another site's page has sent. */
export function presentedRefreshToken(context: RequestContext, argument: string | null): PresentedToken | null {
  if (argument !== null) return { token: argument, byCookie: false };
  const token = context.refreshCookie.value;
  if (token === null) return null;
  assertThat(context.request.originAllowed, () =>
    forbidden('A request that the cookie carries must come from an allowed origin: see CORS_ORIGINS.'),
  );
  return { token, byCookie: true };
}

export function requireRefreshToken(context: RequestContext, argument: string | null): PresentedToken {
  const presented = presentedRefreshToken(context, argument);
  assertThat(presented, () => tokenNotValid('MISSING'));
  return presented;
}

/** Hands the pair over in the answer or, where asked for, its refresh token in the cookie that script cannot read. */
export function deliver(context: RequestContext, tokens: IssuedTokens, byCookie: boolean): TokenPair {
  context.provenUserIds.add(tokens.user.id);
  if (!byCookie) return tokens;
  context.refreshCookie.set(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  return { ...tokens, refreshToken: null };
}
