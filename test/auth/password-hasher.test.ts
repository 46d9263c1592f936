import { argon2id, hash } from 'argon2';
import { PosternError } from '../../src/common/errors.js';
import { isCommonPassword } from '../../src/modules/users/common-passwords.js';
import { PasswordHasher } from '../../src/modules/users/password-hasher.js';
import { cpuTime } from '../support/measure.js';

const PASSWORD = 'a grey heron at dawn';
const hasher = new PasswordHasher({ concurrency: 2, queue: 20 });

describe('hashing', () => {
  test("a hash is argon2id at OWASP's parameters, salted, and matches its password alone", async () => {
    const [one, two] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,/);
    expect(one).toMatch(/\bt=2\b/);
    expect(one).toMatch(/\bp=1\b/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, PASSWORD)).toEqual({ valid: true, needsRehash: false });
    expect(await hasher.verify(one, `${PASSWORD} `)).toEqual({ valid: false, needsRehash: false });
  });

  test('an older hash is valid and wants a new one, but only for the right password', async () => {
    const older = await hash(PASSWORD, { type: argon2id, memoryCost: 1024, timeCost: 3, parallelism: 1 });
    expect(await hasher.verify(older, PASSWORD)).toEqual({ valid: true, needsRehash: true });
    expect(await hasher.verify(older, 'wrong')).toEqual({ valid: false, needsRehash: false });
  });

  test('a password typed in composed or decomposed form is one password', async () => {
    const stored = await hasher.hash('caf\u00e9 au lait');
    expect(await hasher.verify(stored, 'cafe\u0301 au lait')).toMatchObject({ valid: true });
  });

  test('compatible characters stay different: a superscript two is not a two', async () => {
    const stored = await hasher.hash('E = m c\u00b2');
    expect(await hasher.verify(stored, 'E = m c2')).toMatchObject({ valid: false });
  });

  test('no character ends a password early', async () => {
    const stored = await hasher.hash('before\0after');
    expect(await hasher.verify(stored, 'before\0other')).toMatchObject({ valid: false });
  });
});

describe('a hash that cannot be read', () => {
  const salt = 'c2FsdHNhbHRzYWx0c2FsdA';
  const garbage = [
    '',
    'plain text',
    '$argon2id$',
    '$argon2id$v=19$m=19456,t=2,p=1',
    `$argon2id$v=19$m=19456,t=2,p=1$${salt}`,
    `$argon2id$v=19$m=19456,t=2,p=1$${salt}$`,
    `$argon2id$v=19$m=0,t=0,p=0$${salt}$${salt}`,
    `$argon2id$v=19$t=2,p=1$${salt}$${salt}`,
    `$argon2x$v=19$m=19456,t=2,p=1$${salt}$${salt}`,
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
  ];

  test.each(garbage)('%p matches no password', async (stored) => {
    for (const password of [PASSWORD, '']) {
      expect(await hasher.verify(stored, password)).toEqual({ valid: false, needsRehash: false });
    }
  });

  test('costs as much as one that can, and so does no hash at all', async () => {
    const good = await hasher.hash(PASSWORD);
    const real = await fastest(() => hasher.verify(good, 'wrong'));
    const costs = [await fastest(() => hasher.verifyAgainstNothing(PASSWORD))];
    for (const stored of garbage) costs.push(await fastest(() => hasher.verify(stored, PASSWORD)));
    for (const cost of costs) expect(cost / real).toBeGreaterThan(0.6);
  });
});

describe('bounds', () => {
  test('beyond those that run and wait, a hash is refused at once; the others finish', async () => {
    const small = new PasswordHasher({ concurrency: 2, queue: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => small.verifyAgainstNothing(PASSWORD)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason);
    expect(outcomes.map((outcome) => outcome.status).slice(0, 5)).toEqual(Array(5).fill('fulfilled'));
    expect(refused).toHaveLength(4);
    for (const error of refused) {
      expect(error).toBeInstanceOf(PosternError);
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', extensions: { retryAfter: 1 } });
    }
  });

  test('a place is free again after a success, a garbage hash and a refusal alike', async () => {
    const single = new PasswordHasher({ concurrency: 1, queue: 0 });
    for (let round = 0; round < 3; round += 1) {
      const [first, second] = await Promise.allSettled([single.verify('garbage', PASSWORD), single.hash(PASSWORD)]);
      expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
    }
    await expect(single.hash(PASSWORD)).resolves.toMatch(/^\$argon2id\$/);
  });

  test('a place handed to one who waited is not given out twice', async () => {
    const single = new PasswordHasher({ concurrency: 1, queue: 1 });
    const [first, waiting] = [single.hash(PASSWORD), single.hash(PASSWORD)];
    await first;
    const late = await Promise.allSettled([single.hash(PASSWORD), single.hash(PASSWORD)]);
    expect(late.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await waiting;
  });

  test('they are served in the order of their coming', async () => {
    const single = new PasswordHasher({ concurrency: 1, queue: 5 });
    const order: number[] = [];
    const calls = [0, 1, 2, 3].map((index) => single.verifyAgainstNothing(PASSWORD).then(() => order.push(index)));
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3]);
  });
});

describe('common passwords', () => {
  test.each(['password', 'PassWord', '123456', 'qwertyuiop', 'ｐａｓｓｗｏｒｄ'])('%s is one', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each([PASSWORD, 'password ', '', 'constructor-of-bridges', '__proto__'])('%p is none', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});

/** Milliseconds of the quickest of five runs, which other work on the machine disturbs least. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const start = cpuTime();
    await work();
    times.push(cpuTime() - start);
  }
  return Math.min(...times);
}
