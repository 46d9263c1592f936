import type { Clock } from '../../src/common/clock.js';

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  /** Whole seconds, so that what a token says of its times is exact. */
  private time = Math.floor(Date.now() / 1000) * 1000;

  now(): number {
    return this.time;
  }

  /** Goes on, or with a negative number back, by so many milliseconds. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}
