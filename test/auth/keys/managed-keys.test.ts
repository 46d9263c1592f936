import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '../../../src/app.js';
import { loadConfig } from '../../../src/config.js';
import { variablesFor } from '../../cli/support.js';
import { createTestApp, type TestApp } from '../../support/app.js';
import { createDataDir, createTestDatabase, type TestDatabase, testDatabaseKinds } from '../../support/databases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { appOfTest, execute, reasonOf } from '../support.js';
import {
  cacheTime,
  faultOfStart,
  forge,
  keysCommandOn,
  kidIn,
  kidOf,
  managed,
  overlap,
  payloadOf,
  publishedBy,
  soon,
} from './support.js';

const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const me = '{ me { username } }';

/** Dropped after the instances, which support.js stops, have let go of it. */
let database: TestDatabase;
let clock: FakeClock;

beforeEach(async () => {
  database = await createTestDatabase('postgres');
  clock = new FakeClock();
});
afterEach(() => database.drop());

describe.each(testDatabaseKinds)('managed keys on %s', (kind) => {
  test('the first start makes one key, seals it, signs with it and publishes it', async () => {
    const instance = await appOfTest(kind, { env: managed });
    const client = instance.client();
    await client.register('alice');
    const { accessToken, refreshToken } = await client.signIn('alice');
    const rows = await execute<{ kid: string; sealed: boolean; text: string }>(
      instance,
      "select kid, private_key is not null as sealed, encode(private_key, 'escape') || public_jwk::text as text from signing_keys",
    );
    expect(rows).toEqual([{ kid: kidOf(accessToken), sealed: true, text: expect.not.stringContaining('"d"') }]);
    expect(kidOf(refreshToken)).toBe(kidOf(accessToken));
    expect(await publishedBy(instance)).toEqual([kidOf(accessToken)]);
    expect(await client.data(me)).toEqual({ me: { username: 'alice' } });
    const events = await execute(
      instance,
      "select type, detail, actor_id from security_events where type like 'signing%'",
    );
    expect(events).toEqual(
      expect.arrayContaining([
        { type: 'signing_key_generated', detail: kidOf(accessToken), actor_id: null },
        { type: 'signing_key_activated', detail: kidOf(accessToken), actor_id: null },
      ]),
    );
  });

  test('a token that is checked costs no statement, nor does one of a key that nobody has heard of, twice in a second', async () => {
    const instance = await appOfTest(kind, { env: managed });
    const client = instance.client();
    await client.register('alice');
    const { accessToken } = await client.signIn('alice');
    const statementsOf = async (token: string) => {
      instance.takeStatements();
      client.token = token;
      await client.query('{ __typename }');
      return instance.takeStatements().length;
    };
    expect(await statementsOf(accessToken)).toBe(0);
    const stranger = forge(pem(), { alg: 'ES256', typ: 'JWT', kid: 'unheard-of' }, payloadOf(accessToken));
    expect(await statementsOf(stranger)).toBe(1);
    expect(await statementsOf(stranger)).toBe(0);
    const nameless = forge(pem(), { alg: 'ES256', typ: 'JWT' }, payloadOf(accessToken));
    expect(await statementsOf(nameless)).toBe(0);
  });
});

describe('managed keys of several instances', () => {
  const instanceWith = (env: Record<string, string> = {}, log?: (line: string) => void) =>
    appOfTest('postgres', { database, clock, env: { ...managed, ...env }, ...(log && { log }) });
  const faultOf = (env: Record<string, string>) => faultOfStart(database, clock, { ...managed, ...env });
  const stateOnDisk = () => keysCommandOn(database, clock)('list');
  /** Alice has an account once an instance has started. */
  const signedIn = async (instance: TestApp) => {
    const client = instance.client();
    const { user } = await client.data<{ user: object | null }>('{ user(username: "alice") { id } }');
    if (user === null) await client.register('alice');
    return { client, pair: await client.signIn('alice') };
  };
  const answer = async (instance: TestApp, token: string) => {
    const client = instance.client();
    client.token = token;
    return reasonOf(await client.query(me));
  };

  test('five that start at once make one key between them', async () => {
    const instances = await Promise.all(Array.from({ length: 5 }, () => instanceWith()));
    const published = await Promise.all(instances.map(publishedBy));
    expect(new Set(published.flat()).size).toBe(1);
    expect((await stateOnDisk()).out.trim().split('\n')).toHaveLength(2);
  });

  test('the key that was configured becomes the first one, so that no token is refused', async () => {
    const configured = await appOfTest('postgres', {
      database,
      clock,
      env: { JWT_ALGORITHM: 'ES256', JWT_SIGNING_KEY: pem() },
    });
    const { pair } = await signedIn(configured);
    const switched = await instanceWith({ JWT_SIGNING_KEY: configured.config.tokens.signingKey ?? '' });
    expect(await answer(switched, pair.accessToken)).toBe('OK');
    expect(kidOf((await signedIn(switched)).pair.accessToken)).toBe(kidOf(pair.accessToken));
  });

  test('a configured key that came too late is not used, which the log says', async () => {
    await instanceWith();
    const lines: string[] = [];
    const late = await instanceWith({ JWT_SIGNING_KEY: pem() }, (line) => lines.push(line));
    expect(await publishedBy(late)).toHaveLength(1);
    expect(lines.join()).toContain('JWT_SIGNING_KEY is none of the managed keys');
  });

  test('a rotation reaches the other instance within a second, and old tokens stay good until the overlap is over', async () => {
    const [here, there] = [await instanceWith(), await instanceWith()];
    const keys = keysCommandOn(database, clock);
    const { pair: old } = await signedIn(here);
    const kid = kidIn(await keys('generate'));
    await soon(async () => (await publishedBy(there)).includes(kid));
    expect(kidOf((await signedIn(there)).pair.accessToken)).toBe(kidOf(old.accessToken));
    clock.advance(cacheTime);
    expect(await keys('activate', kid)).toMatchObject({ code: 0 });
    const times = await Promise.all(
      [here, there].map((instance) => soon(async () => kidOf((await signedIn(instance)).pair.accessToken) === kid)),
    );
    process.stdout.write(`another key signs on both instances after ${Math.max(...times).toFixed(0)} ms\n`);

    const { data } = await here.client().refresh(old.refreshToken);
    expect(kidOf(data?.refreshToken.accessToken ?? '')).toBe(kid);
    expect(await publishedBy(here)).toEqual([kid, kidOf(old.accessToken)]);
    clock.advance(overlap);
    expect(await publishedBy(there)).toEqual([kid]);
    // Its signature is looked at before its time: were the key still accepted, it would be EXPIRED.
    expect(await answer(there, old.accessToken)).toBe('MALFORMED');
  });

  test('tokens of a key that is retired at once are refused on both within a second', async () => {
    const [here, there] = [await instanceWith(), await instanceWith()];
    const keys = keysCommandOn(database, clock);
    const { pair } = await signedIn(here);
    const leaked = kidOf(pair.accessToken) ?? '';
    await keys('activate', kidIn(await keys('generate')), '--now');
    expect(await answer(there, pair.accessToken)).toBe('OK');
    await keys('retire', leaked, '--now');
    for (const instance of [here, there]) {
      await soon(async () => (await answer(instance, pair.accessToken)) === 'MALFORMED');
      expect(reasonOf(await instance.client().refresh(pair.refreshToken))).toBe('MALFORMED');
    }
  });

  test('a token of a key that nobody was told of makes an instance look, and find it', async () => {
    const [here, there] = [await instanceWith(), await instanceWith()];
    await signedIn(here);
    const fork = here.app.database.fork();
    await fork.execute('alter table signing_keys disable trigger signing_keys_changed');
    const keys = keysCommandOn(database, clock);
    await keys('activate', kidIn(await keys('generate')), '--now');
    const third = await instanceWith();
    const { pair } = await signedIn(third);
    expect(await publishedBy(there)).not.toContain(kidOf(pair.accessToken));
    expect(await answer(there, pair.accessToken)).toBe('OK');
  });

  test('a change that was announced and could not be read is read before the next token is checked', async () => {
    const lines: string[] = [];
    const here = await instanceWith({}, (line) => lines.push(line));
    const keys = keysCommandOn(database, clock);
    const { pair } = await signedIn(here);
    const leaked = kidOf(pair.accessToken);
    await keys('activate', kidIn(await keys('generate')), '--now');
    const fork = here.app.database.fork();
    await fork.transactional(async (tx) => {
      await tx.execute(`update signing_keys set retires_at = ? where kid = '${leaked}'`, [new Date(clock.now())]);
      await tx.execute('alter table signing_keys rename to out_of_reach');
    });
    await soon(async () => lines.some((line) => line.includes('The signing keys cannot be read')));
    await fork.execute('alter table out_of_reach rename to signing_keys');
    expect(await answer(here, pair.accessToken)).toBe('MALFORMED');
  });

  test('the JWK Set is not said to be empty before the keys have been read', async () => {
    const dataDir = await createDataDir();
    const variables = { ...variablesFor(database), ...managed, DATA_DIR: dataDir.path, LOG_LEVEL: 'silent' };
    const app = await createApp(loadConfig(variables), { clock });
    const { statusCode, headers } = await app.http.inject('/.well-known/jwks.json');
    await app.stop();
    await dataDir.remove();
    expect([statusCode, headers['cache-control'], headers['retry-after']]).toEqual([503, 'no-store', '2']);
  });

  test('an instance whose clock is behind signs with a key that was activated by one ahead', async () => {
    const { pair } = await signedIn(await instanceWith());
    const behind = new FakeClock();
    behind.advance(-5_000);
    const late = await appOfTest('postgres', { database, clock: behind, env: managed });
    expect(kidOf((await signedIn(late)).pair.accessToken)).toBe(kidOf(pair.accessToken));
  });

  test('the key that was activated last signs, though a clock that was ahead activated the one before', async () => {
    const ahead = new FakeClock();
    ahead.advance(3_600_000);
    const instance = await instanceWith();
    const activate = async (by: FakeClock) => {
      const keys = keysCommandOn(database, by);
      const kid = kidIn(await keys('generate'));
      expect(await keys('activate', kid, '--now')).toMatchObject({ code: 0 });
      return kid;
    };
    const [before, last] = [await activate(ahead), await activate(clock)];
    await soon(async () => (await publishedBy(instance)).length === 3);
    await soon(async () => kidOf((await signedIn(instance)).pair.accessToken) === last);
    expect(await publishedBy(instance)).toEqual([last, expect.any(String), expect.any(String)]);
    expect(await publishedBy(instance)).toContain(before);
  });

  test('a key that is retired at once is refused where the clock is behind, too', async () => {
    const { pair } = await signedIn(await instanceWith());
    const behind = new FakeClock();
    behind.advance(-5_000);
    const there = await appOfTest('postgres', { database, clock: behind, env: managed });
    const keys = keysCommandOn(database, clock);
    await keys('activate', kidIn(await keys('generate')), '--now');
    await keys('retire', kidOf(pair.accessToken) ?? '', '--now');
    await soon(async () => (await answer(there, pair.accessToken)) === 'MALFORMED');
  });

  test('cursors stay good across a rotation', async () => {
    const instance = await instanceWith();
    const { client } = await signedIn(instance);
    for (const title of ['one', 'two']) {
      clock.advance(1);
      await client.data(`mutation { createPost(input: { title: "${title}", body: "b", status: PUBLISHED }) { id } }`);
    }
    const page = (after: string) => `{ posts(first: 1, after: ${after}) { pageInfo { endCursor } nodes { title } } }`;
    type Page = { posts: { pageInfo: { endCursor: string }; nodes: { title: string }[] } };
    const { posts } = await client.data<Page>(page('null'));
    const keys = keysCommandOn(database, clock);
    const kid = kidIn(await keys('generate'));
    await keys('activate', kid, '--now');
    const next = await instanceWith();
    const { client: later, pair } = await signedIn(next);
    expect(kidOf(pair.accessToken)).toBe(kid);
    const rest = await later.data<Page>(page(`"${posts.pageInfo.endCursor}"`));
    expect(rest.posts.nodes).toEqual([{ title: 'one' }]);
  });

  test('a wrong KEY_ENCRYPTION_KEY stops the start in one line', async () => {
    await instanceWith();
    const fault = await faultOf({ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
    expect(fault).toBe(
      'SigningKeyError: KEY_ENCRYPTION_KEY opens none of the signing keys in the database: it is not the key that encrypted them.',
    );
  });

  test('an instance that cannot have the key that signs, signs with the newest that it can, and logs it', async () => {
    await instanceWith();
    const keys = keysCommandOn(database, clock);
    const kid = kidIn(await keys('generate'));
    await keys('activate', kid, '--now');
    await withStatement("update signing_keys set private_key = '\\x01' where retires_at is null");
    const lines: string[] = [];
    const instance = await instanceWith({}, (line) => lines.push(line));
    const { pair } = await signedIn(instance);
    expect(kidOf(pair.accessToken)).not.toBe(kid);
    expect(lines.filter((line) => line.includes(`KEY_ENCRYPTION_KEY does not open ${kid}`))).toHaveLength(1);
    expect(await publishedBy(instance)).toHaveLength(2);
  });

  test('a key that is not what it is called is not accepted', async () => {
    const instance = await instanceWith();
    const { pair } = await signedIn(instance);
    await withStatement("update signing_keys set kid = 'another'");
    expect(await faultOf({})).toMatch('No signing key can be used. The public part of another is not that key');
    await soon(async () => (await publishedBy(instance)).length === 0);
    expect(await answer(instance, pair.accessToken)).toBe('MALFORMED');
    expect((await instance.app.http.inject('/readyz')).statusCode).toBe(503);
  });

  test('with keys in files only, the database has none of their private parts', async () => {
    const directory = await createDataDir();
    const env = { KEY_ENCRYPTION_KEY: '', JWT_KEYS_DIR: join(directory.path, 'keys') };
    const [here, there] = [await instanceWith(env), await instanceWith(env)];
    const { pair } = await signedIn(here);
    const kid = kidOf(pair.accessToken);
    expect(await answer(there, pair.accessToken)).toBe('OK');
    expect(await execute(here, 'select kid, private_key from signing_keys')).toEqual([{ kid, private_key: null }]);
    expect((await readdir(env.JWT_KEYS_DIR)).sort()).toEqual([`${kid}.pem`, 'postern.secret'].sort());
    for (const name of await readdir(env.JWT_KEYS_DIR)) {
      expect((await stat(join(env.JWT_KEYS_DIR, name))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(join(env.JWT_KEYS_DIR, `${kid}.pem`), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);

    await chmod(join(env.JWT_KEYS_DIR, `${kid}.pem`), 0o604);
    expect(await faultOf(env)).toMatch(/No signing key can be used\. The file .* is open to every user/);
    await writeFile(join(env.JWT_KEYS_DIR, `${kid}.pem`), pem());
    await chmod(join(env.JWT_KEYS_DIR, `${kid}.pem`), 0o600);
    expect(await faultOf(env)).toMatch(
      /No signing key can be used\. The file .*\.pem in JWT_KEYS_DIR holds another key/,
    );
    await rm(join(env.JWT_KEYS_DIR, `${kid}.pem`));
    expect(await faultOf(env)).toMatch(/No signing key can be used\. The file .* cannot be read \(ENOENT\)/);
    await directory.remove();
  });

  test.each([
    ['is empty', '', 0o600, /postern\.secret in JWT_KEYS_DIR is shorter than 32 bytes/],
    ['is open to others', 'x'.repeat(43), 0o604, /postern\.secret is open to every user/],
  ])('a secret beside the keys that %s stops the start', async (_, text, mode, fault) => {
    const directory = await createDataDir();
    await writeFile(join(directory.path, 'postern.secret'), text);
    await chmod(join(directory.path, 'postern.secret'), mode);
    await expect(faultOf({ KEY_ENCRYPTION_KEY: '', JWT_KEYS_DIR: directory.path })).rejects.toThrow(fault);
    await directory.remove();
  });

  test('with both places the database gets new keys, and files go on signing', async () => {
    const directory = await createDataDir();
    const files = { KEY_ENCRYPTION_KEY: '', JWT_KEYS_DIR: directory.path };
    const { pair } = await signedIn(await instanceWith(files));
    const both = await instanceWith({ JWT_KEYS_DIR: directory.path });
    expect(await answer(both, pair.accessToken)).toBe('OK');
    const kid = kidIn(await keysCommandOn(database, clock, { ...managed, JWT_KEYS_DIR: directory.path })('generate'));
    expect(await readdir(directory.path)).not.toContain(`${kid}.pem`);
    await directory.remove();
  });

  async function withStatement(statement: string): Promise<void> {
    const instance = await createTestApp('postgres', { database, clock });
    await execute(instance, statement);
    await instance.stop();
  }
});
