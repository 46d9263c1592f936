import type { EventLoopLag } from './event-loop-lag.js';
import type { Looks } from './looks.js';

/** The process, which several apps may share. */
export function lookAtProcess({ gauge, counter }: Looks, eventLoop: EventLoopLag): void {
  gauge({
    name: 'postern_event_loop_lag_seconds',
    help: 'How late the event loop was since the last scrape.',
    labelNames: ['measure'],
    collect() {
      const { median, p99, longest } = eventLoop.read();
      this.set({ measure: 'median' }, median);
      this.set({ measure: 'p99' }, p99);
      this.set({ measure: 'longest' }, longest);
    },
  });
  gauge({
    name: 'postern_process_resident_memory_bytes',
    help: 'Memory of the process.',
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  counter({
    name: 'postern_process_cpu_seconds_total',
    help: 'Time on processors.',
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge({
    name: 'postern_process_start_time_seconds',
    help: 'When the process started, since the Unix epoch.',
    collect() {
      this.set(performance.timeOrigin / 1_000);
    },
  });
}
