import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is asked for the time, in milliseconds. */
const resolution = 20;

/** How late the event loop was, in seconds, since it was last read. */
interface Lag {
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Measures how late timers are: what keeps one waiting keeps every request waiting. It keeps no process alive. */
export class EventLoopLag {
  private readonly histogram = monitorEventLoopDelay({ resolution });

  constructor() {
    this.histogram.enable();
  }

  read(): Lag {
    const { histogram } = this;
    const lag = {
      median: lateness(histogram.percentile(50)),
      p99: lateness(histogram.percentile(99)),
      longest: lateness(histogram.max),
    };
    histogram.reset();
    return lag;
  }

  stop(): void {
    this.histogram.disable();
  }
}

/** The histogram has the times between two looks, in nanoseconds. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolution / 1e3);
}
