const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** RFC 5321, section 4.5.4.1: at least four to five days. */
const patience = 5 * day;

/** How long an item waits after its first, second … try that was answered with "not now"; the last one stays. */
const waits = [10 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour] as const;

/** How long it waits where nobody answered: short, so that all of them leave soon after somebody does. */
const pauses = [second, 2 * second, 5 * second, 10 * second, 30 * second, minute] as const;

export function waitAfterDeferral(tries: number): number {
  return nth(waits, tries);
}

export function waitAfterSilence(tries: number): number {
  return nth(pauses, tries);
}

export function isOutOfPatience(createdAt: Date, now: number): boolean {
  return now - createdAt.getTime() >= patience;
}

/** While nobody answers, nothing is tried for a while, and then one item alone. */
export class Silence {
  private failures = 0;
  private begun = 0;
  private wait = 0;

  /** Whether somebody must answer first, before more than one item is tried. */
  get isUnbroken(): boolean {
    return this.failures > 0;
  }

  /** Milliseconds until the next try; a clock that was set back does not prolong it. */
  left(now: number): number {
    return now < this.begun ? 0 : Math.max(0, this.begun + this.wait - now);
  }

  /** Nobody answered. Returns whether that is news: items that were tried together find out together. */
  fall(now: number): boolean {
    if (this.left(now) > 0) return false;
    this.failures += 1;
    this.begun = now;
    this.wait = nth(pauses, this.failures);
    return true;
  }

  /** Somebody answered. Returns whether that is news. */
  break(): boolean {
    const wasUnbroken = this.isUnbroken;
    this.failures = 0;
    this.wait = 0;
    return wasUnbroken;
  }
}

function nth(times: readonly [number, ...number[]], tries: number): number {
  return times[tries - 1] ?? times.at(-1) ?? times[0];
}
