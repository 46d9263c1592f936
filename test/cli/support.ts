import { PassThrough } from 'node:stream';
import { databaseDefinition } from '../../mikro-orm.config.js';
import type { Command } from '../../src/cli/command.js';
import { type Database, openDatabase } from '../../src/database/open.js';
import type { TestDatabase } from '../support/databases.js';

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command within this process; with answers it is at a terminal, where it gets one for each question. */
export async function run(
  command: Command,
  args: readonly string[],
  variables: Record<string, string>,
  answers?: readonly string[],
): Promise<Outcome> {
  const printed = { out: '', err: '' };
  const stdin = Object.assign(new PassThrough(), { isTTY: answers !== undefined });
  const stdout = new PassThrough().on('data', (chunk) => {
    printed.out += chunk;
  });
  const stderr = new PassThrough();
  const left = [...(answers ?? [])];
  stderr.on('data', (chunk) => {
    printed.err += chunk;
    if (answers && /: $/.test(printed.err)) setImmediate(() => stdin.write(left.shift() ?? ctrlD));
  });
  const code = await command(args, { stdin, stdout, stderr }, { NODE_ENV: 'test', ...variables });
  return { code, ...printed };
}

/** The end of input, as a terminal in raw mode sends it. */
export const ctrlD = '\u0004';

/** Settings for a command on this PostgreSQL database. */
export function variablesFor({ url }: TestDatabase): Record<string, string> {
  if (url === null) throw new TypeError('a database in memory is out of a command’s reach');
  return { DATABASE_URL: url };
}

/** Looks at the database beside the command. */
export async function withRows<T>(
  database: TestDatabase,
  work: (execute: (text: string) => Promise<Record<string, unknown>[]>, opened: Database) => Promise<T>,
): Promise<T> {
  const opened = await openDatabase(database.settings, databaseDefinition);
  try {
    return await work((text) => opened.orm.em.getConnection().execute(text), opened);
  } finally {
    await opened.close();
  }
}
