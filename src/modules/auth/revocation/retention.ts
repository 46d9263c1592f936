import type { TokenSettings } from '../../../config.js';

/** How long an ended session is remembered beyond the last access token it gave out, in milliseconds. */
const margin = 60_000;

/** How long after its end a session may still have access tokens out, in milliseconds, with a margin. */
export function retentionOf({ accessTokenLifetime, leeway }: TokenSettings): number {
  return accessTokenLifetime + leeway + margin;
}
