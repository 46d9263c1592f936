import type { CounterConfiguration, GaugeConfiguration, Registry } from 'prom-client';

/** What is not counted but looked at, each time that somebody asks. */
export interface Looks {
  gauge<Label extends string>(look: Omit<GaugeConfiguration<Label>, 'registers'>): void;
  /** For what only grows. */
  counter<Label extends string>(look: Omit<CounterConfiguration<Label>, 'registers'>): void;
}

/** Makes looks of this registry. */
export function looksOf({ Counter, Gauge }: typeof import('prom-client'), registry: Registry): Looks {
  const registers = [registry];
  return {
    gauge(look) {
      new Gauge({ ...look, registers });
    },
    counter(look) {
      new Counter({ ...look, registers });
    },
  };
}
