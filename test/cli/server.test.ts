import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type CompiledProgram, compileProgram } from '../faults/server-process.js';
import { createDataDir, createTestDatabase, withPostgres } from '../support/databases.js';
import { mailed } from '../support/mailed.js';

const signingKey = 'a test key of thirty-two bytes, or more of them';

/** A process of the program, and all that it printed. */
class Started {
  out = '';
  err = '';

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      this.err += chunk;
    });
  }

  async ended(): Promise<{ code: unknown; out: string; err: string }> {
    const [code] = await once(this.child, 'close');
    return { code, out: this.out, err: this.err };
  }

  /** Resolves when stdout has the text. */
  async prints(text: string): Promise<void> {
    while (!this.out.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`It ended without "${text}": ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('the server as a process', () => {
  let program: CompiledProgram;
  let dataDir: Awaited<ReturnType<typeof createDataDir>>;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    [program, dataDir] = await Promise.all([compileProgram(), createDataDir()]);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await program.remove();
    await dataDir.remove();
  });

  function start(file: string, args: readonly string[], variables: Record<string, string>): Started {
    const child = spawn(process.execPath, [`src/${file}`, ...args], {
      cwd: program.directory,
      env: { PORT: '0', DATA_DIR: dataDir.path, JWT_SIGNING_KEY: signingKey, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return new Started(child);
  }

  const failed = (err: RegExp) => ({ code: 1, out: expect.any(String), err: expect.stringMatching(err) });

  async function busyPort(): Promise<{ port: number; server: Server }> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, server };
  }

  test('in development greets, shows the demo, refuses a second one and a command, and stops on a signal', async () => {
    const first = start('server.js', ['--demo'], {});
    await first.prints('Authorization: Bearer');
    expect(first.out).toMatch(/Explorer +http:\/\/localhost:\d+\/\n/);
    expect(first.out).toMatch(/Mails +files in \/\S+\/outbox\n/);
    expect(first.out).toMatch(/alice +USER +\S{14,}\n/);
    const inUse = /^(flushexpiredtokens: )?The embedded database in .* is in use by process \d+\. .*\n$/;
    const refused = await Promise.all(
      ['server.js', 'cli/flushexpiredtokens.js'].map((file) => start(file, [], {}).ended()),
    );
    for (const outcome of refused) expect(outcome).toEqual(failed(inUse));
    first.child.kill('SIGTERM');
    expect(await first.ended()).toMatchObject({ code: 0, err: '' });
    const later = start('cli/flushexpiredtokens.js', [], {});
    expect(await later.ended()).toMatchObject({ code: 0, out: expect.stringContaining('Deleted: '), err: '' });
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['each fault of the settings', [], { PORT: 'x', JWT_LEEWAY: 'y' }, /^PORT must [^\n]*\nJWT_LEEWAY must [^\n]*\n$/],
    ['an unknown argument', ['--dmeo'], {}, /^Unknown option '--dmeo'\. See --help\.\n$/],
    ['--demo in production', ['--demo'], { ...mailed, NODE_ENV: 'production' }, /^--demo is not for production\.\n$/],
  ])('tells %s in a line and ends', async (_what, args, variables, line) => {
    expect(await start('server.js', args, variables).ended()).toEqual(failed(line));
  });

  test('tells in a line that its port is taken', async () => {
    const { port, server } = await busyPort();
    const outcome = await start('server.js', [], { PORT: String(port), NODE_ENV: 'test' }).ended();
    server.close();
    expect(outcome).toEqual(failed(new RegExp(`^Cannot listen on port ${port} of .*PORT.*\n$`)));
  });

  test('tells in a line that a migration failed, and lets others try', async () => {
    const database = await createTestDatabase('postgres', { migrated: false });
    const url = database.url ?? '';
    await withPostgres((client) => client.query('create table users (id integer)'), url);
    const outcome = await start('server.js', [], { DATABASE_URL: url }).ended();
    expect(outcome).toEqual(failed(/^The database refuses \(42P07\): .*"users" already exists\n$/));
    await withPostgres((client) => client.query('drop table users'), url);
    expect(await start('cli/migrate.js', [], { DATABASE_URL: url }).ended()).toMatchObject({ code: 0, err: '' });
    await database.drop();
  });

  test('tells in a line that the password of its database is wrong', async () => {
    const database = await createTestDatabase('postgres', { migrated: false });
    const url = new URL(database.url ?? '');
    url.password = 'the wrong one';
    for (const MIGRATE_ON_START of ['true', 'false']) {
      const outcome = await start('server.js', [], { DATABASE_URL: url.href, MIGRATE_ON_START }).ended();
      expect(outcome).toEqual(failed(/^The database refuses \(28P01\): password authentication failed for [^\n]*\n$/));
      expect(outcome.out).not.toContain('The database is away');
    }
    await database.drop();
  });

  test('that waits for its database can be stopped', async () => {
    const { port, server } = await busyPort();
    server.on('connection', (socket) => socket.destroy());
    const url = `postgresql://nobody:secret@127.0.0.1:${port}/nothing`;
    const waiting = start('server.js', [], { ...mailed, NODE_ENV: 'production', HOST: '127.0.0.1', DATABASE_URL: url });
    await waiting.prints('The database is away');
    waiting.child.kill('SIGTERM');
    const { code, out, err } = await waiting.ended();
    server.close();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('secret');
  });
});
