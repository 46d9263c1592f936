import { SecurityEventRecorder } from '../../src/modules/security-events/security-event.recorder.js';
import { appOfTest, execute } from '../auth/support.js';
import type { TestApp } from '../support/app.js';
import { record, verify } from './support.js';

class Undo extends Error {}

/** Writes so many events in one transaction, which may end in nothing. */
async function transact({ app, clock }: TestApp, events: number, undone: boolean): Promise<void> {
  const recorder = new SecurityEventRecorder(clock);
  const work = app.database.fork().transactional(async (em) => {
    for (let written = 0; written < events; written += 1) {
      await recorder.record(em, {
        type: 'signed_in',
        userId: null,
        actorId: null,
        sessionId: null,
        ipAddress: null,
        userAgent: null,
      });
    }
    if (undone) throw new Undo();
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
}

test('fifty transactions at once, some of which are undone, make one chain without a gap', async () => {
  const instance = await appOfTest('postgres', { env: { DATABASE_POOL_SIZE: '50' } });
  const plan = Array.from({ length: 50 }, (_, index) => ({ events: 1 + (index % 4), undone: index % 5 === 0 }));
  await Promise.all(plan.map(({ events, undone }) => transact(instance, events, undone)));
  const written = plan.reduce((sum, { events, undone }) => sum + (undone ? 0 : events), 0);
  expect((await verify(instance)).head.position).toBe(written);
  const positions = await execute<{ position: number }>(
    instance,
    'select position from security_event_seals order by 1',
  );
  expect(positions.map(({ position }) => position)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
});

test('a purge, writers and verifications beside each other leave the chain whole', async () => {
  const instance = await appOfTest('postgres', { env: { DATABASE_POOL_SIZE: '20' } });
  instance.clock.advance(-400 * 86_400_000);
  for (let written = 0; written < 20; written += 1) await record(instance);
  instance.clock.advance(400 * 86_400_000);
  const writers = Array.from({ length: 20 }, (_, index) => transact(instance, 2, index % 4 === 0));
  const flush = instance.app.services.flush.flush(instance.app.database.fork());
  const verifications = Array.from({ length: 5 }, () => verify(instance));
  await Promise.all([...writers, ...verifications]);
  expect(await flush).toMatchObject({ securityEvents: 20 });
  expect(await verify(instance)).toMatchObject({ base: { position: 20 }, head: { position: 50 } });
});
