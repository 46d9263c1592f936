import { appOfTest, execute } from '../auth/support.js';
import type { TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { faultAfter, record, verify } from './support.js';

const day = 86_400_000;

const flush = ({ app }: TestApp) => app.services.flush.flush(app.database.fork());

/** Writes so many events as if so many days ago. */
async function recordAgo(instance: TestApp, days: number, count: number): Promise<void> {
  instance.clock.advance(-days * day);
  for (let written = 0; written < count; written += 1) await record(instance);
  instance.clock.advance(days * day);
}

describe.each(ordinaryDatabaseKinds)('the purge of security events, on %s', (kind) => {
  test('takes those older than the retention and leaves a chain that verifies', async () => {
    const instance = await appOfTest(kind, { env: { SECURITY_EVENT_RETENTION: '100d' } });
    await recordAgo(instance, 101, 3);
    await recordAgo(instance, 99, 2);
    expect(await flush(instance)).toMatchObject({ securityEvents: 3 });
    expect(await verify(instance)).toMatchObject({ base: { position: 3 }, head: { position: 5 } });
    expect(await flush(instance)).toMatchObject({ securityEvents: 0 });
    await record(instance);
    expect(await verify(instance)).toMatchObject({ base: { position: 3 }, head: { position: 6 } });
  });

  test('goes in batches until nothing is left, and the chain goes on after that', async () => {
    const instance = await appOfTest(kind);
    await execute(
      instance,
      `insert into security_events (id, type, created_at)
        select gen_random_uuid(), 'signed_in', now() - interval '400 days' from generate_series(1, 1100)`,
    );
    instance.takeStatements();
    expect(await flush(instance)).toMatchObject({ securityEvents: 1_100 });
    const batches = instance.takeStatements().filter((text) => text.includes('purge_security_events'));
    expect(batches.length).toBeGreaterThan(1);
    await record(instance);
    expect(await verify(instance)).toMatchObject({ base: { position: 1_100 }, head: { position: 1_101 } });
  });

  test('is in the order of the chain: one that is too young keeps those after it', async () => {
    const instance = await appOfTest(kind);
    await recordAgo(instance, 400, 1);
    await recordAgo(instance, 1, 1);
    await recordAgo(instance, 400, 1);
    expect(await flush(instance)).toMatchObject({ securityEvents: 1 });
    expect(await verify(instance)).toMatchObject({ base: { position: 1 }, head: { position: 3 } });
  });

  test('never takes what is younger than 30 days, whatever it is asked for', async () => {
    const instance = await appOfTest(kind);
    await recordAgo(instance, 31, 1);
    await recordAgo(instance, 29, 1);
    // By the program's clock both are years old.
    instance.clock.advance(3_000 * day);
    expect(await flush(instance)).toMatchObject({ securityEvents: 1 });
    await execute(instance, "select purge_security_events('infinity', 1000000)");
    expect(await verify(instance)).toMatchObject({ base: { position: 1 }, head: { position: 2 } });
  });

  test('does not happen when events are kept for ever', async () => {
    const instance = await appOfTest(kind, { env: { SECURITY_EVENT_RETENTION: '0s' } });
    await recordAgo(instance, 3_000, 2);
    expect(await flush(instance)).toMatchObject({ securityEvents: 0 });
    expect(await verify(instance)).toMatchObject({ base: { position: 0 }, head: { position: 2 } });
  });

  test('hides no change in what it leaves', async () => {
    const instance = await appOfTest(kind);
    await recordAgo(instance, 400, 2);
    await recordAgo(instance, 1, 2);
    await flush(instance);
    const change =
      "update security_events set detail = 'x' where created_at = (select min(created_at) from security_events)";
    expect(await faultAfter(instance, [change])).toMatch(/^Position 3:/);
  });

  test('of one-time tokens takes those that have expired', async () => {
    const instance = await appOfTest(kind);
    const { id } = await instance.client().register('alice');
    const now = new Date(instance.clock.now()).toISOString();
    await execute(instance, 'delete from one_time_tokens');
    await execute(
      instance,
      `insert into one_time_tokens (hash, user_id, purpose, data, created_at, expires_at) values
        ('\\x01', '${id}', 'test', '{}', now(), '${now}'),
        ('\\x02', '${id}', 'test', '{}', now(), timestamptz '${now}' + interval '1 ms')`,
    );
    expect(await flush(instance)).toMatchObject({ other: 1 });
    expect(await execute(instance, "select encode(hash, 'hex') as hash from one_time_tokens")).toEqual([
      { hash: '02' },
    ]);
  });
});
