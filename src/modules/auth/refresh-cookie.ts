import type { RequestContext } from '../../common/context.js';
import { assertThat, forbidden, tokenNotValid } from '../../common/errors.js';
import type { TokenPair } from './auth.types.js';
import type { DeviceToken } from './devices/device.service.js';
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

/**
 * Hands the pair over in the answer or, where asked for, its refresh token in the cookie that script cannot read; and so
 * what a remembered device is to keep.
 */
export function deliver(
  context: RequestContext,
  tokens: IssuedTokens,
  byCookie: boolean,
  device: DeviceToken | null = null,
): TokenPair {
  context.provenUserIds.add(tokens.user.id);
  if (!byCookie) return { ...tokens, deviceToken: device?.token ?? null };
  context.refreshCookie.set(tokens.refreshToken, tokens.refreshTokenExpiresAt);
  if (device) context.deviceCookie.set(device.token, device.expiresAt);
  return { ...tokens, refreshToken: null };
}

/** What a device shows that wants to be known again: the argument, or else the cookie, unless another site's page sent it. */
export function presentedDeviceToken(context: RequestContext, argument: string | null): string | null {
  return argument ?? (context.request.originAllowed ? context.deviceCookie.value : null);
}
