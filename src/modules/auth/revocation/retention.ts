import type { TokenSettings } from '../../../config.js';

/** How long an ended session is remembered beyond the last bearer token it gave out, in milliseconds. */
const margin = 60_000;

/** The settings that say how long bearer tokens live. */
export type BearerLifetimes = Pick<TokenSettings, 'accessTokenLifetime' | 'slidingTokenLifetime' | 'authTokenClasses'>;

/** How long a bearer token lives at most by today's settings, in milliseconds. */
export function longestBearerLifetime(settings: BearerLifetimes): number {
  const { accessTokenLifetime, slidingTokenLifetime, authTokenClasses } = settings;
  return Math.max(accessTokenLifetime, authTokenClasses.includes('sliding') ? slidingTokenLifetime : 0);
}

/**
 * How long after its end a session may still have bearer tokens out, in milliseconds, with a margin. Twice the leeway: the
 * last refresh may come so late, and so late may what it gave out be used.
 */
export function retentionOf(settings: BearerLifetimes & Pick<TokenSettings, 'leeway'>): number {
  return longestBearerLifetime(settings) + 2 * settings.leeway + margin;
}
