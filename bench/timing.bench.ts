import { argon2Parameters } from '../src/modules/users/password-hasher.js';
import { createTestApp, type TestApp } from '../test/support/app.js';
import { createTestDatabase, type TestDatabase } from '../test/support/databases.js';
import { median } from '../test/support/measure.js';

const tries = Number(process.env['BENCH_TRIES'] ?? 200);

/** What the medians may differ by, as a share. */
const tolerance = 0.1;

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe(`whether the time of an answer tells that somebody has an address, in ${tries} tries each`, () => {
  let database: TestDatabase;
  let instance: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    instance = await createTestApp('postgres', { database, argon2: argon2Parameters });
    for (let index = 0; index < tries; index++) await instance.client().register(`known${index}`);
  });
  afterAll(async () => {
    await instance.stop();
    await database.drop();
  });

  /** A network of its own for each try, so that no limit is in the way. */
  const client = (index: number) => instance.client(`10.0.${index >> 8}.${index & 255}`);

  const reset = (index: number, name: string) =>
    client(index).query('mutation ($email: String!) { requestPasswordReset(email: $email) }', {
      email: `${name}${index}@example.com`,
    });
  const register = (index: number, name: string) =>
    client(index).query('mutation ($input: RegisterInput!) { register(input: $input) { id } }', {
      input: {
        username: `fresh${name}${index}`,
        email: `${name}${index}@example.com`,
        password: 'a long sentence is best',
      },
    });

  const signIn = (index: number, name: string) =>
    client(index).query('mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }', {
      input: { username: `${name}${index}`, password: 'not the password of anybody' },
    });

  test.each([
    ['obtainToken', signIn],
    ['requestPasswordReset', reset],
    ['register', register],
  ])('it does not for %s', async (operation, attempt) => {
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let index = -20; index < tries; index++) {
      // One after the other, so that whatever else the machine does is done to both; the first ones only warm it up.
      const times = [await timeOf(() => attempt(Math.abs(index), index < 0 ? 'warmup' : 'known'))];
      times.push(await timeOf(() => attempt(Math.abs(index) + 2 * tries, index < 0 ? 'warmup' : 'unknown')));
      const [first = 0, second = 0] = times;
      if (index < 0) continue;
      known.push(first);
      unknown.push(second);
    }
    const ratio = median(known) / median(unknown);
    process.stdout.write(
      `${operation}: known ${median(known).toFixed(2)} ms, unknown ${median(unknown).toFixed(2)} ms, ratio ${ratio.toFixed(3)}\n`,
    );
    expect(Math.abs(ratio - 1)).toBeLessThan(tolerance);
  });
});
