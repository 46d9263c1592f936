import { setTimeout as delay } from 'node:timers/promises';
import { argon2Parameters } from '../src/modules/users/password-hasher.js';
import { fill } from '../test/plans/fill.js';
import { createTestApp, type TestApp } from '../test/support/app.js';
import { createTestDatabase, type TestDatabase, withPostgres } from '../test/support/databases.js';
import { median } from '../test/support/measure.js';

const tokens = Number(process.env['BENCH_TOKENS'] ?? 1_000_000);

/** How long each measurement of sign-ins takes, in milliseconds. */
const stretch = 4_000;

/** How long the flush has the server to itself, in milliseconds. */
const undisturbed = 20_000;

/** Milliseconds of each sign-in while the time lasts, one after the other. */
async function signIns(instance: TestApp, milliseconds: number): Promise<number[]> {
  const client = instance.client();
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const start = performance.now();
    await client.signIn('alice');
    times.push(performance.now() - start);
  }
  return times;
}

describe(`a flush of ${tokens.toLocaleString('en')} expired tokens beside a server that signs users in`, () => {
  let database: TestDatabase;
  let instance: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    instance = await createTestApp('postgres', { database, argon2: argon2Parameters });
    await instance.client().register('alice');
    await fill(database.url ?? '', { users: 2_000, posts: 1_000, tokens, events: 1_000 });
    await withPostgres(
      (client) =>
        client.query(`
          set session_replication_role = replica;
          update refresh_tokens set expires_at = now() - interval '1 day' - random() * interval '1 hour';
          update sessions set expires_at = now() - interval '1 day' - random() * interval '1 hour'`),
      database.url ?? '',
    );
    await signIns(instance, stretch);
  });
  afterAll(async () => {
    await instance.stop();
    await database.drop();
  });

  test('slows a sign-in by no more than a fifth', async () => {
    const ratios: number[] = [];
    const [alone, beside]: [number[], number[]] = [[], []];
    let deleted = 0;
    for (let round = 0; round < 5; round++) {
      const without = await signIns(instance, stretch);
      const halt = new AbortController();
      const flushing = instance.app.services.flush.flush(instance.app.database.fork(), halt.signal);
      const during = await signIns(instance, stretch);
      halt.abort();
      const report = await flushing;
      deleted += report.refreshTokens + report.sessions;
      ratios.push(median(during) / median(without));
      alone.push(...without);
      beside.push(...during);
    }
    const halt = new AbortController();
    const flushing = instance.app.services.flush.flush(instance.app.database.fork(), halt.signal);
    await delay(undisturbed);
    halt.abort();
    const rest = await flushing;
    const rate = (rest.refreshTokens + rest.sessions) / (undisturbed / 1000);
    process.stdout.write(
      `sign-in alone ${median(alone).toFixed(1)} ms, beside the flush ${median(beside).toFixed(1)} ms; ratio of the medians in each of five rounds ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; ` +
        `${deleted} rows deleted meanwhile; undisturbed ${rate.toFixed(0)} rows a second\n`,
    );
    expect(deleted).toBeGreaterThan(0);
    expect(median(ratios)).toBeLessThan(1.2);
  });
});
