import type { Metrics } from '../common/metrics.js';
import { type AppState, lookAtApp } from './app-looks.js';
import { createCounters } from './counters.js';
import { EventLoopLag } from './event-loop-lag.js';
import { looksOf } from './looks.js';
import { lookAtProcess } from './process-looks.js';

/** What Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Exporter {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** Has the app's state told as well; to be called once. */
  watch(state: AppState): void;
  /** Everything, as text. */
  scrape(): Promise<string>;
  stop(): void;
}

/** Makes an exporter with a registry of its own. Only here prom-client is loaded: who wants no metrics pays nothing for them. */
export async function createExporter(): Promise<Exporter> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  const looks = looksOf(prometheus, registry);
  const eventLoop = new EventLoopLag();
  lookAtProcess(looks, eventLoop);
  return {
    metrics: createCounters(prometheus, registry),
    contentType: registry.contentType,
    watch: (state) => lookAtApp(looks, state),
    scrape: () => registry.metrics(),
    stop: () => eventLoop.stop(),
  };
}
