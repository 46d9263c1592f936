/** The moments that make the state of a key: nothing but the clock has to happen for it to change. */
export interface KeyTimes {
  readonly activatedAt: Date | null;
  /** From here on it is good for nothing. */
  readonly retiresAt: Date | null;
}

/** generated: published and accepted, signs nothing yet; active: signs; retiring: accepted until its date; retired: refused. */
export type KeyState = 'generated' | 'active' | 'retiring' | 'retired';

/** An activation counts whenever it was: the clock that stamped it may be ahead of this one. */
export function stateOf({ activatedAt, retiresAt }: KeyTimes, now: number): KeyState {
  if (retiresAt !== null) return retiresAt.getTime() <= now ? 'retired' : 'retiring';
  return activatedAt === null ? 'generated' : 'active';
}

/** For how long others may keep the published keys, in milliseconds: never longer than a retired key is still accepted. */
export function cacheTime(overlap: number): number {
  return Math.min(5 * 60_000, overlap);
}
