import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isNativeError } from 'node:util/types';

/** How long a starter waits for rivals that only knock, in milliseconds; a real holder outlasts it. */
const patience = 500;

/** SQLITE_BUSY: https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

/** Keeps the handles from the garbage collector, which would close them and so give the lock away. */
const held = new Set<DatabaseSync>();

export interface DataDirLock {
  release(): void;
}

/** Another process works on the embedded database; nothing has been touched. */
export class EmbeddedDatabaseInUseError extends Error {
  override readonly name = 'EmbeddedDatabaseInUseError';
}

/**
 * Takes the data directory for this process, until `release` or the process's end, however it ends.
 * Makes the directory (0700) if need be. Throws EmbeddedDatabaseInUseError while another holds it.
 *
 * The lock is the operating system's own lock on the file `lock`, reached through SQLite, for Node has no call for it:
 * the kernel drops it with the process, so there is no stale lock to judge. See docs/decisions/0002.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const handle = takeLock(dataDir);
  held.add(handle);
  const ownerFile = ownerFileOf(dataDir);
  writeFileSync(ownerFile, `${process.pid} ${hostname()}\n`, { mode: 0o600 });
  return {
    release: () => {
      if (!held.delete(handle)) return;
      rmSync(ownerFile, { force: true });
      handle.close();
    },
  };
}

function takeLock(dataDir: string): DatabaseSync {
  let handle: DatabaseSync | undefined;
  try {
    handle = new DatabaseSync(join(dataDir, 'lock'), { timeout: patience });
    // No journal file: nothing is ever written into `lock`.
    handle.exec('pragma journal_mode = memory; begin exclusive');
    return handle;
  } catch (cause) {
    handle?.close();
    if (isBusy(cause)) throw new EmbeddedDatabaseInUseError(refusal(dataDir));
    throw new Error(`The data directory ${dataDir} cannot be locked: is it writable, on a file system with locks?`, {
      cause,
    });
  }
}

// Beside the lock and never the locked file itself: on POSIX, closing any descriptor of that one drops the lock.
const ownerFileOf = (dataDir: string): string => join(dataDir, 'lock.owner');

function isBusy(error: unknown): boolean {
  return isNativeError(error) && 'errcode' in error && error.errcode === sqliteBusy;
}

function refusal(dataDir: string): string {
  return (
    `The embedded database in ${dataDir} is in use by ${describeOwner(dataDir)}. ` +
    'Stop that one first, or set DATABASE_URL to a PostgreSQL server, which many processes can share.'
  );
}

/** The owner's name is only for people: the verdict is the lock alone. */
function describeOwner(dataDir: string): string {
  try {
    const [pid, host] = readFileSync(ownerFileOf(dataDir), 'utf8').trim().split(' ');
    if (!pid || !host) return 'another process';
    return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  } catch {
    return 'another process';
  }
}
