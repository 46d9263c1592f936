import type { TestApp } from '../../support/app.js';
import type { TestClient } from '../../support/client.js';
import { createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { appOfTest, reasonOf, second } from '../support.js';
import { cacheTime, keysCommandOn, kidIn, kidOf, managed, overlap, soon } from './support.js';

/** So many requests a second; ES256 and two cores allow for more. A machine that has other work makes as many, more slowly. */
const rate = 200;
const least = 1_200;
/** How many may be under way: a server that falls behind must not be buried, or it is its overload that is tested. */
const most = 50;
const users = 10;

let database: TestDatabase;
let clock: FakeClock;

beforeEach(async () => {
  database = await createTestDatabase('postgres');
  clock = new FakeClock();
});
afterEach(() => database.drop());

/** One signed-in user, who turns to either instance and keeps the newest pair. */
interface Caller {
  readonly at: readonly TestClient[];
  access: string;
  refresh: string;
  /** A refresh is under way, whose answer brings the next pair. */
  refreshing: boolean;
}

/** What came of all requests: how often each outcome, by what was asked. */
type Tally = Map<string, number>;

const count = (tally: Tally, outcome: string) => tally.set(outcome, (tally.get(outcome) ?? 0) + 1);

async function callerOf(instances: readonly TestApp[], name: string): Promise<Caller> {
  const at = instances.map((instance) => instance.client());
  const [first] = at;
  if (!first) throw new Error('no instance');
  await first.register(name);
  const { accessToken, refreshToken } = await first.signIn(name);
  return { at, access: accessToken, refresh: refreshToken, refreshing: false };
}

/** The request of this number: of ten, six ask who they are, two verify a token, two renew theirs. */
async function ask(caller: Caller, number: number, tally: Tally): Promise<void> {
  const client = caller.at[number % caller.at.length];
  const turn = Math.floor(number / users) % 10;
  if (!client) throw new Error('no client');
  if (turn < 2 && !caller.refreshing) {
    caller.refreshing = true;
    const answer = await client.refresh(caller.refresh);
    const pair = answer.data?.refreshToken;
    if (pair) Object.assign(caller, { access: pair.accessToken, refresh: pair.refreshToken });
    caller.refreshing = false;
    count(tally, `refreshToken ${reasonOf(answer)}`);
  } else if (turn < 4) {
    const query = `mutation { verifyToken(token: "${caller.access}") { jti } }`;
    count(tally, `verifyToken ${reasonOf(await client.query(query))}`);
  } else {
    client.token = caller.access;
    count(tally, `me ${reasonOf(await client.query('{ me { id } }'))}`);
  }
}

/** Requests by all callers at the rate: `least` of them, and on until `enough`; `done` has the seconds, once all are answered. */
function startLoad(callers: readonly Caller[], tally: Tally) {
  const waiting = new Set<Promise<void>>();
  const load = { sent: 0, enough: false, done: Promise.resolve(0) };
  const start = performance.now();
  async function run(): Promise<number> {
    for (const caller of endless(callers)) {
      if (load.enough && load.sent >= least) break;
      while (performance.now() - start < (load.sent / rate) * 1_000) await pause();
      if (waiting.size >= most) await Promise.race(waiting);
      const request: Promise<void> = ask(caller, load.sent, tally).finally(() => waiting.delete(request));
      // What is lost is missed in the tally; a rejection that nobody handles would end all of jest.
      request.catch(() => undefined);
      waiting.add(request);
      load.sent += 1;
    }
    await Promise.all(waiting);
    return (performance.now() - start) / 1_000;
  }
  load.done = run();
  // It is awaited later, or not at all where the test has failed.
  load.done.catch(() => undefined);
  return load;
}

test('under load on two instances no valid token is refused, and no token of a retired key accepted', async () => {
  const instances = [0, 1].map(() => appOfTest('postgres', { database, clock, env: managed }));
  const [here, there] = await Promise.all(instances);
  if (!here || !there) throw new Error('no instances');
  const keys = keysCommandOn(database, clock);
  const callers: Caller[] = [];
  for (let index = 0; index < users; index++) callers.push(await callerOf([here, there], `user${index}`));
  const before = callers.map(({ access, refresh }) => ({ access, refresh }));
  const firstKid = kidOf(before[0]?.access ?? '') ?? '';

  const tally: Tally = new Map();
  const load = startLoad(callers, tally);
  // Three rotations while the load goes on, by the command, as an operator makes them; the last one in a hurry.
  const kids: string[] = [firstKid];
  try {
    for (const hurry of [false, false, true]) {
      const due = load.sent + least / 4;
      while (load.sent < due) await pause();
      const kid = kidIn(await keys('generate'));
      if (!hurry) clock.advance(cacheTime - 1 * second);
      await keys('activate', kid, '--now');
      kids.push(kid);
    }
    const due = load.sent + least / 4;
    while (load.sent < due) await pause();
  } finally {
    // Also where the test fails: else it would go on against servers that have stopped.
    load.enough = true;
  }
  const seconds = await load.done;

  const outcomes = Object.fromEntries([...tally].sort());
  process.stdout.write(
    `rotation under load: ${load.sent} requests in ${seconds.toFixed(1)} s, ${(load.sent / seconds).toFixed(0)} a second, ${kids.length - 1} rotations: ${JSON.stringify(outcomes)}\n`,
  );
  expect(Object.keys(outcomes)).toEqual(['me OK', 'refreshToken OK', 'verifyToken OK']);
  expect([...tally.values()].reduce((sum, number) => sum + number, 0)).toBe(load.sent);
  expect(new Set(callers.map(({ refresh }) => kidOf(refresh)))).toContain(kids.at(-1));

  // Each key that was replaced is refused once its overlap is over, on either instance, for what it once signed.
  clock.advance(overlap);
  const states = (await keys('list')).out;
  for (const kid of kids.slice(0, -1)) expect(states).toMatch(new RegExp(`${kid} .* retired `));
  const refusals: Tally = new Map();
  for (const { access, refresh } of before) {
    expect(kidOf(refresh)).toBe(firstKid);
    for (const instance of [here, there]) {
      const client = instance.client();
      client.token = access;
      count(refusals, `me ${reasonOf(await client.query('{ me { id } }'))}`);
      count(refusals, `refreshToken ${reasonOf(await client.refresh(refresh))}`);
    }
  }
  expect(Object.fromEntries(refusals)).toEqual({ 'me MALFORMED': 2 * users, 'refreshToken MALFORMED': 2 * users });
}, 120_000);

test('a key that leaked is refused within a second under way, while tokens of the new one are good', async () => {
  const here = await appOfTest('postgres', { database, clock, env: managed });
  const there = await appOfTest('postgres', { database, clock, env: managed });
  const keys = keysCommandOn(database, clock);
  const caller = await callerOf([here, there], 'alice');
  const before = caller.access;
  const leaked = kidOf(before) ?? '';
  await keys('activate', kidIn(await keys('generate')), '--now');
  await soon(async () => {
    const { data } = await there.client().refresh(caller.refresh);
    Object.assign(caller, { access: data?.refreshToken.accessToken, refresh: data?.refreshToken.refreshToken });
    return kidOf(caller.access) !== leaked;
  });
  await keys('retire', leaked, '--now');
  for (const client of caller.at) {
    const answerTo = async (token: string) => {
      client.token = token;
      return reasonOf(await client.query('{ me { id } }'));
    };
    expect(await answerTo(caller.access)).toBe('OK');
    await soon(async () => (await answerTo(before)) === 'MALFORMED');
    expect(await answerTo(caller.access)).toBe('OK');
  }
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

function* endless<T>(items: readonly T[]): Generator<T> {
  for (;;) yield* items;
}
