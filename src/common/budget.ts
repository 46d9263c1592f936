import type { Clock } from './clock.js';

export interface CostLimit {
  readonly cost: number;
  /** In milliseconds. */
  readonly window: number;
}

interface Window {
  spent: number;
  readonly endsAt: number;
}

/** Keys whose spending is kept; beyond them the one that has begun first is forgotten. */
const mostKeys = 10_000;

/**
 * What each key may spend within windows of fixed length, counted in the memory of this process. Whoever has something
 * left may spend more than that once, so that a large expense is never out of reach.
 */
export class Budget {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly limit: CostLimit,
    private readonly clock: Clock,
  ) {}

  /** Spends the amount and returns 0, or returns the milliseconds to wait. */
  spend(key: string, amount: number): number {
    const now = this.clock.now();
    const window = this.windowOf(key, now);
    if (window.spent >= this.limit.cost) return window.endsAt - now;
    window.spent += amount;
    return 0;
  }

  private windowOf(key: string, now: number): Window {
    const current = this.windows.get(key);
    if (current !== undefined && current.endsAt > now) return current;
    const fresh = { spent: 0, endsAt: now + this.limit.window };
    // Taken out first, so that the order of the map is that of the beginnings.
    this.windows.delete(key);
    this.windows.set(key, fresh);
    if (this.windows.size > mostKeys) this.forgetFirst();
    return fresh;
  }

  private forgetFirst(): void {
    for (const key of this.windows.keys()) {
      this.windows.delete(key);
      return;
    }
  }
}
