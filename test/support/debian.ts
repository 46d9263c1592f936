import { execFile, execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that npm cannot bring, and the Debian packages that do. */
export interface DebianTool {
  readonly packages: readonly string[];
  /** Throws while it is not there. */
  probe(): void;
}

/**
 * `describe` where the tool is at hand, or can be installed: as root in CI. Elsewhere `describe.skip`, and a line on
 * stderr that says what was not tested.
 */
export async function describeWith(tool: DebianTool): Promise<typeof describe | typeof describe.skip> {
  if (isThere(tool)) return describe;
  const mayInstall = process.env['CI'] === 'true' && process.getuid?.() === 0;
  if (mayInstall) await install(tool.packages).catch(() => undefined);
  if (isThere(tool)) return describe;
  process.stderr.write(`SKIPPED, for want of ${tool.packages.join(', ')}: ${expect.getState().testPath}\n`);
  return describe.skip;
}

/** A probe by running the command. */
export function runs(command: string, ...args: string[]): () => void {
  return () => execFileSync(command, args, { stdio: 'ignore', timeout: 30_000 });
}

function isThere(tool: DebianTool): boolean {
  try {
    tool.probe();
    return true;
  } catch {
    return false;
  }
}

/** One worker of jest at a time: apt waits for nobody. */
async function install(packages: readonly string[]): Promise<void> {
  const script = `apt-get update -q && apt-get install -qy --no-install-recommends ${packages.join(' ')}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('flock', [join(tmpdir(), 'postern-apt.lock'), 'sh', '-c', script], { env, timeout: 300_000 });
}
