import type { RefreshToken } from '../auth/sessions/refresh-token.entity.js';
import type { TokenStatus } from './outstanding-token.types.js';

type TokenState = RefreshToken['state'];

/** Tokens of a state, those that have expired or those that have not; null stands for both. */
export interface TokenRange {
  readonly state: TokenState;
  readonly expired: boolean | null;
}

/** The disjoint ranges that hold exactly the tokens of a status, or all of them. */
export const rangesOfStatus: Readonly<Record<TokenStatus | 'ALL', readonly TokenRange[]>> = {
  ACTIVE: [{ state: 'ACTIVE', expired: false }],
  ROTATED: [{ state: 'ROTATED', expired: false }],
  EXPIRED: [
    { state: 'ACTIVE', expired: true },
    { state: 'ROTATED', expired: true },
  ],
  BLACKLISTED: [{ state: 'BLACKLISTED', expired: null }],
  ALL: [
    { state: 'ACTIVE', expired: null },
    { state: 'ROTATED', expired: null },
    { state: 'BLACKLISTED', expired: null },
  ],
};

/** BLACKLISTED before EXPIRED before ROTATED before ACTIVE. */
export function statusOf(state: TokenState, expired: boolean): TokenStatus {
  if (state === 'BLACKLISTED') return 'BLACKLISTED';
  return expired ? 'EXPIRED' : state;
}
