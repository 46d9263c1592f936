import type { Counter, Registry } from 'prom-client';
import { errorCodes } from '../common/error-catalogue.js';
import {
  limits,
  type Metrics,
  operationTypes,
  refreshResults,
  signInMethods,
  signInResults,
} from '../common/metrics.js';
import { revocationMatrix } from '../modules/auth/revocation/revocation-matrix.js';

type Prometheus = typeof import('prom-client');

const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const;

/** In seconds, up to the 30 after which a request is given up. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const costs = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000];

/** What counts while things happen. Each series is there from the start, at 0: a rate has to see a first one, too. */
export function createCounters({ Counter, Histogram }: Prometheus, registry: Registry): Metrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });

  const signIns = counter('postern_sign_ins_total', 'Sign-ins by means and end.', ['method', 'result']);
  const refreshes = counter('postern_refreshes_total', 'Refreshes of tokens by end.', ['result']);
  const revocations = counter('postern_revocations_total', 'What ended tokens, by cause.', ['cause']);
  const throttled = counter('postern_throttled_total', 'Tries that a limit turned away.', ['limit']);
  const operations = counter('postern_graphql_operations_total', 'Operations by type and code.', ['type', 'code']);
  const requests = counter('postern_http_requests_total', 'Answers by class of status.', ['status']);
  const duration = new Histogram({
    name: 'postern_http_request_duration_seconds',
    help: 'From the head of a request to its answer.',
    buckets: durations,
    registers,
  });
  const cost = new Histogram({
    name: 'postern_graphql_query_cost',
    help: 'What operations cost.',
    buckets: costs,
    registers,
  });

  begin(signIns, { method: signInMethods, result: signInResults });
  begin(refreshes, { result: refreshResults });
  begin(revocations, { cause: Object.keys(revocationMatrix).filter((cause) => cause !== 'KEY_RETIRED') });
  begin(throttled, { limit: limits });
  begin(operations, { type: operationTypes, code: ['OK', ...Object.keys(errorCodes)] });
  begin(requests, { status: statusClasses });

  return {
    signIn: (method, result) => signIns.inc({ method, result }),
    refresh: (result) => refreshes.inc({ result }),
    revocation: (cause) => revocations.inc({ cause }),
    throttled: (limit) => throttled.inc({ limit }),
    operation: (type, code) => operations.inc({ type, code }),
    queryCost: (value) => cost.observe(value),
    httpRequest(status, milliseconds) {
      requests.inc({ status: statusClasses[Math.floor(status / 100) - 2] ?? '5xx' });
      duration.observe(milliseconds / 1_000);
    },
  };
}

/** Starts a series for every combination of the labels' words. */
function begin<Label extends string>(counter: Counter<Label>, words: Record<Label, readonly string[]>): void {
  let combinations: Partial<Record<Label, string>>[] = [{}];
  for (const [label, values] of Object.entries<readonly string[]>(words)) {
    combinations = combinations.flatMap((known) => values.map((value) => ({ ...known, [label]: value })));
  }
  for (const labels of combinations) counter.inc(labels, 0);
}
