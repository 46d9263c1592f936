import { generateKeyPairSync } from 'node:crypto';
import { createKeysCommand } from '../../../src/cli/keys.js';
import { lockDataDir } from '../../../src/database/data-dir-lock.js';
import { thumbprint } from '../../../src/modules/auth/keys/key-pair.js';
import { run } from '../../cli/support.js';
import { createDataDir, createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { appOfTest, execute } from '../support.js';
import { cacheTime, keysCommandOn, kidIn, managed, overlap } from './support.js';

let database: TestDatabase;
let clock: FakeClock;
let keys: ReturnType<typeof keysCommandOn>;

beforeEach(async () => {
  database = await createTestDatabase('postgres');
  clock = new FakeClock();
  keys = keysCommandOn(database, clock);
});
afterEach(() => database.drop());

const iso = (offset = 0) => new Date(clock.now() + offset).toISOString();
const refused = (err: RegExp) => ({ code: 1, out: '', err: expect.stringMatching(err) });

/** The keys as the list shows them: kid, state and the end of acceptance. */
async function listed(): Promise<(string | undefined)[][]> {
  const { out } = await keys('list');
  const [, ...lines] = out.trim().split('\n');
  return lines.map((line) => {
    const [kid, , state, , , acceptedUntil] = line.split(/ {2,}/);
    return [kid, state, acceptedUntil];
  });
}

async function activeKey(): Promise<string> {
  const kid = kidIn(await keys('generate'));
  await keys('activate', kid, '--now');
  return kid;
}

test('a rotation, as the list tells it', async () => {
  const first = await activeKey();
  expect(await listed()).toEqual([[first, 'active', '-']]);

  const generated = await keys('generate');
  const second = kidIn(generated);
  expect(generated.out).toBe(`Generated ${second}. It can be activated from ${iso(cacheTime)} on.\n`);
  expect(await listed()).toEqual([
    [first, 'active', '-'],
    [second, 'generated', '-'],
  ]);

  clock.advance(cacheTime);
  expect(await keys('activate', second)).toEqual({ code: 0, out: `${second} signs from now on.\n`, err: '' });
  const end = iso(overlap);
  expect(await listed()).toEqual([
    [second, 'active', '-'],
    [first, 'retiring', end],
  ]);
  clock.advance(overlap - 1);
  expect((await listed())[1]).toEqual([first, 'retiring', end]);
  clock.advance(1);
  expect((await listed())[1]).toEqual([first, 'retired', end]);
});

test('the list names every column', async () => {
  const kid = await activeKey();
  const { out } = await keys('list');
  expect(out.split('\n')).toEqual([
    'kid                                          algorithm  state   created                   activated                 accepted until',
    `${kid}  ES256      active  ${iso()}  ${iso()}  -`,
    '',
  ]);
});

test('activation waits until others know the key, unless it has to be now', async () => {
  await activeKey();
  const kid = kidIn(await keys('generate'));
  clock.advance(cacheTime - 1);
  expect(await keys('activate', kid)).toEqual(refused(new RegExp(`^keys: .* before ${iso(1)}; wait, or give --now`)));
  expect((await listed())[1]).toEqual([kid, 'generated', '-']);
  expect(await keys('activate', kid, '--now')).toMatchObject({ code: 0 });
});

test('a shorter overlap shortens the wait', async () => {
  const short = keysCommandOn(database, clock, { ...managed, JWT_KEY_OVERLAP: '1m' });
  expect((await short('generate')).out).toContain(`from ${iso(60_000)} on`);
});

test('the key that signs is not retired, be it the only one or not', async () => {
  const first = await activeKey();
  await keys('generate');
  for (const now of [[], ['--now']]) {
    expect(await keys('retire', first, ...now)).toEqual(refused(/ signs; activate another key first\.\n$/));
  }
});

test('a key that never signed is refused at once; one that did after its overlap, or at once if it leaked', async () => {
  const first = await activeKey();
  const unused = kidIn(await keys('generate'));
  expect(await keys('retire', unused)).toMatchObject({ code: 0, out: `${unused} is refused from ${iso()} on.\n` });
  const second = await activeKey();
  expect(await keys('retire', first)).toEqual(refused(/retiring, and accepted until .*; --now ends that at once/));
  expect(await keys('retire', first, '--now')).toMatchObject({ out: `${first} is refused from now on.\n` });
  expect(await keys('retire', first, '--now')).toEqual(refused(/is retired already/));
  expect(await keys('activate', first, '--now')).toEqual(refused(/is retired; generate another key/));
  expect(await keys('activate', second)).toEqual(refused(/signs already/));
});

test('a key that is retiring may sign again, and the one after it retires', async () => {
  const first = await activeKey();
  const second = await activeKey();
  expect(await keys('activate', first)).toMatchObject({ code: 0 });
  expect(await listed()).toEqual(
    expect.arrayContaining([
      [first, 'active', '-'],
      [second, 'retiring', iso(overlap)],
    ]),
  );
});

test('the key that was configured becomes the first one here, too, and signs until another does', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const configured = thumbprint(pair.publicKey.export({ format: 'jwk' }));
  const JWT_SIGNING_KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const switching = keysCommandOn(database, clock, { ...managed, JWT_SIGNING_KEY });
  const { out } = await switching('generate');
  const [first, second] = out.trim().split('\n');
  expect(first).toBe(`${configured}, which is the one of JWT_SIGNING_KEY, signs until another is activated.`);
  expect(second).toMatch(/^Generated /);
  expect((await listed()).map(([, state]) => state)).toEqual(['active', 'generated']);
  expect((await listed())[0]?.[0]).toBe(configured);
  expect((await switching('generate')).out).toMatch(/^Generated /);
});

test('two operators who activate two keys at once leave one that signs', async () => {
  const kids = [kidIn(await keys('generate')), kidIn(await keys('generate')), kidIn(await keys('generate'))];
  const outcomes = await Promise.all(kids.map((kid) => keys('activate', kid, '--now')));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  const states = (await listed()).map(([, state]) => state);
  expect(states.filter((state) => state === 'active')).toHaveLength(1);
  expect(states.filter((state) => state === 'retiring')).toHaveLength(2);
});

test('the beginning of a name will do, if it is no other key\u2019s', async () => {
  const kid = kidIn(await keys('generate'));
  expect(await keys('activate', kid.slice(0, 8), '--now')).toMatchObject({ out: `${kid} signs from now on.\n` });
  expect(await keys('retire', 'nonsense')).toEqual(refused(/No key begins with "nonsense"/));
  expect(await keys('retire', '')).toEqual(refused(/No key begins with ""/));
  // 65 keys: two of them share their first character, which is one of 64.
  const all = [kid];
  while (all.filter((one) => one[0] === kid[0]).length < 2) all.push(kidIn(await keys('generate')));
  expect(await keys('retire', kid.slice(0, 1))).toEqual(refused(/Several keys begin with/));
}, 60_000);

test('each change leaves its security events, by nobody', async () => {
  const first = await activeKey();
  const second = await activeKey();
  await keys('retire', first, '--now');
  const instance = await appOfTest('postgres', { database, clock });
  const events = await execute(
    instance,
    'select type, detail, actor_id, user_id from security_events join security_event_seals on event_id = id order by position',
  );
  const event = (type: string, detail: string) => ({ type, detail, actor_id: null, user_id: null });
  expect(events).toEqual([
    event('signing_key_generated', first),
    event('signing_key_activated', first),
    event('signing_key_generated', second),
    event('signing_key_activated', second),
    event('signing_key_retired', first),
    event('signing_key_retired', first),
  ]);
});

test('what is refused leaves no trace', async () => {
  const kid = kidIn(await keys('generate'));
  await keys('activate', kid);
  const instance = await appOfTest('postgres', { database, clock });
  expect(await execute(instance, 'select count(*)::int as count from security_events')).toEqual([{ count: 1 }]);
});

test.each([
  [[], /Say what to do: list, generate, activate, retire/],
  [['toString'], /Say what to do/],
  [['rotate'], /Say what to do/],
  [['activate'], /activate takes a KID/],
  [['list', 'x'], /list takes no KID/],
  [['generate', '--now'], /generate takes no --now/],
  [['retire', 'x', 'y'], /Unexpected argument 'y'/],
  [['retire', 'x', '--force'], /Unknown option '--force'/],
])('%j is explained', async (args, explanation) => {
  expect(await keys(...args)).toEqual(refused(explanation));
});

test.each([
  ['HS256', managed.KEY_ENCRYPTION_KEY],
  ['ES256', ''],
])('with JWT_ALGORITHM=%s and KEY_ENCRYPTION_KEY=%j it says what managed keys need', async (algorithm, key) => {
  const unmanaged = keysCommandOn(database, clock, { JWT_ALGORITHM: algorithm, KEY_ENCRYPTION_KEY: key });
  expect(await unmanaged('list')).toEqual(refused(/^keys: Keys are managed where .*; see docs\/keys\.md\.\n$/));
});

test('another KEY_ENCRYPTION_KEY cannot let a key sign', async () => {
  const kid = kidIn(await keys('generate'));
  const other = keysCommandOn(database, clock, {
    ...managed,
    KEY_ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64'),
  });
  expect(await other('activate', kid, '--now')).toEqual(refused(/KEY_ENCRYPTION_KEY does not open/));
});

test('on the embedded database it needs the server stopped, and says so', async () => {
  const dataDir = await createDataDir();
  const lock = lockDataDir(dataDir.path);
  try {
    const outcome = await run(createKeysCommand(clock), ['list'], { ...managed, DATA_DIR: dataDir.path });
    expect(outcome).toEqual(refused(/^keys: The embedded database in .* is in use by/));
  } finally {
    lock.release();
    await dataDir.remove();
  }
});
