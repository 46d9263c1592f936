import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { createBareSchema } from '../../src/graphql/schema.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { Caller, callerNames } from './fuzz/caller.js';
import { operationsOf } from './fuzz/operations.js';
import { bodies, heavyRequestsFor, requestsFor, towering } from './fuzz/requests.js';
import { judge } from './fuzz/verdict.js';

/** The same requests each time, but for ids and tokens; FUZZ_SEED has others made, FUZZ_RUNS more of them. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_126);
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 20);

const mebibyte = 1_048_576;

/** By how much the heap may have grown in the end; what is kept on purpose, such as parsed documents, has a bound as well. */
const mostKept = 100 * mebibyte;

describe('whatever it is sent', () => {
  let instance: TestApp;
  let callers: readonly Caller[];
  let heapBefore: number;
  let sent = 0;
  const counts = new Map<string, number>();

  beforeAll(async () => {
    instance = await createTestApp('pglite', { env: { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' } });
    const witness = instance.client();
    const input = { username: 'witness', email: 'witness@example.com', password: passwordOf('witness') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    callers = callerNames.map((name) => new Caller(instance, name, witness));
    heapBefore = heapUsed();
  });
  afterAll(async () => {
    const table = [...counts].sort(([, a], [, b]) => b - a).map(([code, count]) => `${count} ${code}`);
    process.stdout.write(`${sent} operations (FUZZ_SEED=${seed}): ${table.join(', ')}\n`);
    await instance.stop();
  });

  /** What is wrong with the answer, if anything is, and whether it says that nobody is signed in. */
  async function send(request: InjectOptions): Promise<{ fault: string | null; codes: readonly string[] }> {
    sent += 1;
    // From another address each time, or the limits on them would answer.
    const address = `10.${(sent >> 16) % 256}.${(sent >> 8) % 256}.${sent % 256}`;
    const started = performance.now();
    const answer = await instance.app.http.inject({
      ...request,
      headers: { ...request.headers, 'x-forwarded-for': address },
    });
    const { fault, codes } = judge(answer, performance.now() - started);
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    instance.takeStatements();
    return { codes, fault: fault && `${fault} — to ${shown(request)}` };
  }

  const operations = operationsOf(createBareSchema());

  test.each(operations.map((operation) => [operation.field, operation] as const))(
    '%s answers with data or an error of the catalogue',
    async (_field, operation) => {
      const faults: string[] = [];
      const hasArguments = operation.args.length > 0;
      for (const caller of callers) {
        // Queries use nothing up.
        const known = await caller.knowledge(operation.type === 'mutation' && hasArguments);
        // Admins are let in everywhere.
        const heavy = caller.name === 'admin' ? heavyRequestsFor(operation) : [];
        // Without arguments they differ in their headers alone.
        const random = fc.sample(requestsFor(operation, known), { seed, numRuns: hasArguments ? numRuns : 3 });
        for (const request of [...heavy, ...random]) {
          const { fault, codes } = await send(caller.signed(request));
          if (fault) faults.push(`${caller.name}: ${fault}`);
          const mayBeGone = codes.includes('UNAUTHENTICATED') || (operation.type === 'mutation' && codes[0] === 'data');
          if (mayBeGone && !(await caller.isThere())) await caller.comeBack();
        }
      }
      expect(faults).toEqual([]);
    },
  );

  test('a body that is no operation is answered with an error of the catalogue, or with data', async () => {
    const faults: string[] = [];
    for (const request of fc.sample(bodies, { seed, numRuns: 10 * numRuns })) {
      const { fault } = await send(request);
      if (fault) faults.push(fault);
    }
    expect(faults).toEqual([]);
  });

  test('a document is answered so however deep or long it is', async () => {
    const faults: string[] = [];
    for (const request of towering) {
      const { fault } = await send(request);
      if (fault) faults.push(fault);
    }
    expect(faults).toEqual([]);
  });

  test('little of it is kept: the heap is hardly larger than before', () => {
    expect(heapUsed() - heapBefore).toBeLessThan(mostKept);
  });
});

/** What is in use once all garbage has been collected, in bytes. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

function shown({ method, url, payload }: InjectOptions): string {
  return `${method} ${String(url).slice(0, 600)} ${String(payload ?? '').slice(0, 600)}`;
}
