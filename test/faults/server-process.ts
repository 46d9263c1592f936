import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { glob, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';

/** The program as plain JavaScript in a directory of its own, ready to run. */
export interface CompiledProgram {
  readonly directory: string;
  remove(): Promise<void>;
}

/** Compiles `src` without checking it, as jest does: within a second. */
export async function compileProgram(): Promise<CompiledProgram> {
  const root = process.cwd();
  const directory = await mkdtemp(join(tmpdir(), 'postern-program-'));
  for await (const file of glob(['mikro-orm.config.ts', 'src/**/*.ts'], { cwd: root })) {
    const { code } = await transformFile(join(root, file), {
      swcrc: false,
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    });
    const output = join(directory, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, code);
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  return { directory, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A server in a process of its own, that a test may kill. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves when it is ready to serve; rejects when it ends before that. Its output goes to `server.log` beside the program. */
  static async start(program: CompiledProgram, env: Record<string, string>): Promise<ServerProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, ['src/server.js'], {
      cwd: program.directory,
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(program.directory, 'server.log'), { flags: 'a' });
    let errors = '';
    child.stdout.pipe(log, { end: false });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const server = new ServerProcess(`http://127.0.0.1:${port}`, child);
    try {
      await server.ready();
      return server;
    } catch (cause) {
      await server.kill();
      throw new Error(`The server did not start: ${errors}`, { cause });
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.#isRunning()) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  /** SIGTERM; resolves with the exit code, or null if it had to be killed. */
  async terminate(): Promise<unknown> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = await exit;
    return code;
  }

  /** Resolves when it serves. */
  async ready(): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (this.#isRunning() && performance.now() < deadline) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('not ready');
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
