import type { TestApp } from '../../support/app.js';
import type { TestClient } from '../../support/client.js';
import { createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { appOfTest, reasonOf, second } from '../support.js';
import { cacheTime, keysCommandOn, kidIn, kidOf, managed, overlap, soon } from './support.js';

/** So many requests a second, for so many seconds; ES256 and two cores allow for more. */
const rate = 200;
const duration = 6;
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
  const waiting = new Set<Promise<void>>();
  let sent = 0;
  const start = performance.now();
  const timer = setInterval(() => {
    for (const due = ((performance.now() - start) / 1000) * rate; sent < due; sent++) {
      const caller = callers[sent % users];
      if (!caller) return;
      const request: Promise<void> = ask(caller, sent, tally).finally(() => waiting.delete(request));
      waiting.add(request);
    }
  }, 5);

  // Three rotations while the load goes on, by the command, as an operator makes them; the last one in a hurry.
  const kids: string[] = [firstKid];
  for (const hurry of [false, false, true]) {
    await until(start, (duration * kids.length) / 4);
    const kid = kidIn(await keys('generate'));
    if (!hurry) clock.advance(cacheTime - 1 * second);
    await keys('activate', kid, '--now');
    kids.push(kid);
  }
  await until(start, duration);
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(waiting);

  const outcomes = Object.fromEntries([...tally].sort());
  process.stdout.write(
    `rotation under load: ${sent} requests in ${seconds.toFixed(1)} s, ${(sent / seconds).toFixed(0)} a second, ${kids.length - 1} rotations: ${JSON.stringify(outcomes)}\n`,
  );
  expect(Object.keys(outcomes)).toEqual(['me OK', 'refreshToken OK', 'verifyToken OK']);
  expect([...tally.values()].reduce((sum, number) => sum + number, 0)).toBe(sent);
  expect(sent / seconds).toBeGreaterThan(rate * 0.9);
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
}, 60_000);

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

/** Resolves when the load has gone on for so many seconds. */
async function until(start: number, seconds: number): Promise<void> {
  while (performance.now() - start < seconds * 1000) await new Promise((resolve) => setTimeout(resolve, 5));
}
