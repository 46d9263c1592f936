import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddedDatabaseInUseError, lockDataDir } from '../../src/database/data-dir-lock.js';
import { openDatabase } from '../../src/database/open.js';
import { createDataDir, databaseSettings } from '../support/databases.js';
import { noteDefinition } from './support.js';

const lockModule = pathToFileURL(join(process.cwd(), 'src/database/data-dir-lock.ts')).href;
const script = join(process.cwd(), 'test/database/lock-holder.mjs');

interface Contender {
  readonly process: ChildProcess;
  /** Its first line: `held`, or the error. */
  readonly verdict: string;
}

async function contend(dataDir: string): Promise<Contender> {
  const child = spawn(process.execPath, [script, lockModule, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [verdict] = await once(child.stdout, 'data');
  return { process: child, verdict: String(verdict).trim() };
}

async function kill(contender: Contender): Promise<void> {
  const { process: child } = contender;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the lock on the data directory', () => {
  let dataDir: Awaited<ReturnType<typeof createDataDir>>;
  const contenders: Contender[] = [];

  const enter = async (): Promise<Contender> => {
    const contender = await contend(dataDir.path);
    contenders.push(contender);
    return contender;
  };

  beforeEach(async () => {
    dataDir = await createDataDir();
  });

  afterEach(async () => {
    await Promise.all(contenders.splice(0).map(kill));
    await dataDir.remove();
  });

  test('refuses a second process in one line that names the first and what to do', async () => {
    const holder = await enter();
    const second = await enter();
    expect(holder.verdict).toBe('held');
    expect(second.verdict).toBe(
      `EmbeddedDatabaseInUseError: The embedded database in ${dataDir.path} is in use by process ${holder.process.pid}. ` +
        'Stop that one first, or set DATABASE_URL to a PostgreSQL server, which many processes can share.',
    );
  });

  test('refuses a second taker in the same process until the first lets go, and letting go twice is harmless', () => {
    const first = lockDataDir(dataDir.path);
    expect(() => lockDataDir(dataDir.path)).toThrow(EmbeddedDatabaseInUseError);
    first.release();
    first.release();
    const second = lockDataDir(dataDir.path);
    first.release();
    expect(() => lockDataDir(dataDir.path)).toThrow(EmbeddedDatabaseInUseError);
    second.release();
  });

  test('passes from a process that was killed to the next one', async () => {
    for (let round = 0; round < 3; round++) {
      const holder = await enter();
      expect(holder.verdict).toBe('held');
      await kill(holder);
    }
  });

  test('does not mind an owner file that names a living process which is not the holder', async () => {
    await writeFile(join(dataDir.path, 'lock.owner'), `${process.pid} elsewhere\n`);
    expect((await enter()).verdict).toBe('held');
  });

  test('goes to exactly one of eight that start at the same instant', async () => {
    for (let round = 0; round < 4; round++) {
      const eight = await Promise.all(Array.from({ length: 8 }, enter));
      const verdicts = eight.map(({ verdict }) => verdict.split(':')[0]);
      expect(verdicts.filter((verdict) => verdict === 'held')).toHaveLength(1);
      expect(verdicts.filter((verdict) => verdict === 'EmbeddedDatabaseInUseError')).toHaveLength(7);
      await Promise.all(eight.map(kill));
    }
  }, 60_000);

  test('says which directory cannot be locked, and does not go on without', async () => {
    await mkdir(join(dataDir.path, 'lock'));
    expect(() => lockDataDir(dataDir.path)).toThrow(`The data directory ${dataDir.path} cannot be locked`);
  });

  test('keeps a second openDatabase away before it touches anything', async () => {
    const holder = await enter();
    const opening = openDatabase(databaseSettings({ dataDir: dataDir.path }), noteDefinition);
    await expect(opening).rejects.toThrow(`in use by process ${holder.process.pid}.`);
    await expect(openDatabase(databaseSettings({ dataDir: dataDir.path }), noteDefinition)).rejects.toThrow(
      EmbeddedDatabaseInUseError,
    );
  });
});
