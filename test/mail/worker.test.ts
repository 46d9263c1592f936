import { pino } from 'pino';
import { Sealer, SealerRing } from '../../src/common/sealer.js';
import { Outbox } from '../../src/modules/outbox/outbox.js';
import { OutboxError } from '../../src/modules/outbox/outbox.types.js';
import { type OutboxHandlers, OutboxWorker } from '../../src/modules/outbox/outbox.worker.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';
import { minute, rows, second } from './support.js';

const request = {
  kind: 'PASSWORD_RESET_REQUEST',
  userId: null,
  payload: { email: 'alice@example.com', ipAddress: '192.0.2.1', userAgent: null },
} as const;

describe.each(testDatabaseKinds)('the worker of the outbox, on %s', (kind) => {
  let instance: TestApp;
  let outbox: Outbox;
  const log: string[] = [];

  beforeAll(async () => {
    instance = await createTestApp(kind);
    outbox = new Outbox(new SealerRing([new Sealer(Buffer.alloc(32, 1), 'outbox')]), instance.clock);
    await execute('create table answers (item uuid not null)');
  });
  beforeEach(async () => {
    await execute('truncate outbox, answers');
    log.length = 0;
  });
  afterAll(() => instance.stop());

  const fork = () => instance.app.database.fork();
  const execute = (text: string) => fork().execute(text);
  const write = () => outbox.post(fork(), request);
  function workerThat(answer: OutboxHandlers['PASSWORD_RESET_REQUEST']): OutboxWorker {
    const handlers = { MAIL: async () => undefined, PASSWORD_RESET_REQUEST: answer };
    const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(line) });
    return new OutboxWorker(outbox, handlers, fork, instance.clock, logger, 1_000);
  }
  const answerOnce: OutboxHandlers['PASSWORD_RESET_REQUEST'] = (_payload, { id }, finish) =>
    fork().transactional(async (tx) => {
      if (await finish(tx)) await tx.execute(`insert into answers values ('${id}')`);
    });

  test('finishes what a handler has done', async () => {
    await write();
    const payloads: unknown[] = [];
    await workerThat(async (payload) => void payloads.push(payload)).deliver();
    expect(payloads).toEqual([request.payload]);
    expect(await rows(instance)).toEqual([]);
  });

  test('does work in the database exactly once, though two hold the item', async () => {
    await write();
    const [taken, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = workerThat(async (...call) => {
      taken.resolve();
      await goOn.promise;
      await answerOnce(...call);
    }).deliver();
    await taken.promise;
    instance.clock.advance(2 * minute);
    await workerThat(answerOnce).deliver();
    goOn.resolve();
    await slow;
    expect(await execute('select count(*)::int as count from answers')).toEqual([{ count: 1 }]);
    expect(await rows(instance)).toEqual([]);
  });

  test('undoes work whose transaction fails, and tries it again', async () => {
    await write();
    await workerThat((_payload, _item, finish) =>
      fork().transactional(async (tx) => {
        await finish(tx);
        throw new Error(`something about ${request.payload.email}`);
      }),
    ).deliver();
    expect(await rows(instance)).toMatchObject([{ attempts: 1, failed_at: null, last_error: 'Error' }]);
    instance.clock.advance(10 * second);
    await workerThat(answerOnce).deliver();
    expect(await execute('select count(*)::int as count from answers')).toEqual([{ count: 1 }]);
  });

  test('waits with what a newer version has written', async () => {
    await write();
    await execute("update outbox set kind = 'A_NEW_KIND'");
    await workerThat(answerOnce).deliver();
    expect(await rows(instance)).toEqual([{ attempts: 1, failed_at: null, last_error: 'unknown kind A_NEW_KIND' }]);
  });

  test('looks once more when it is called while it works', async () => {
    await write();
    const again: Promise<void>[] = [];
    const worker = workerThat(async (...call) => {
      if (again.length === 0) {
        await write();
        again.push(worker.deliver());
      }
      await answerOnce(...call);
    });
    await worker.deliver();
    await Promise.all(again);
    expect(await execute('select count(*)::int as count from answers')).toEqual([{ count: 2 }]);
  });

  test('asks again at once after a clock that ran ahead was set back', async () => {
    await write();
    let answers = false;
    const worker = workerThat(async () => {
      if (!answers) throw new OutboxError('unreachable', 'ESOCKET');
    });
    instance.clock.advance(60 * minute);
    await worker.deliver();
    instance.clock.advance(-60 * minute);
    answers = true;
    await execute('update outbox set next_attempt_at = created_at');
    await worker.deliver();
    expect(await rows(instance)).toEqual([]);
  });
});
