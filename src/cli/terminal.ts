import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandIo } from './io.js';
import { UsageError } from './usage.js';

/** Questions to the person at the terminal. */
export interface Terminal {
  ask(question: string): Promise<string>;
  /** Without echo. */
  askSecretly(question: string): Promise<string>;
}

export function isInteractive({ stdin }: CommandIo): boolean {
  return stdin.isTTY === true;
}

/** Opens the terminal for questions while the work lasts; they go to stderr, so that stdout has the answers alone. */
export async function withTerminal<T>(io: CommandIo, work: (terminal: Terminal) => Promise<T>): Promise<T> {
  const echo = { on: true };
  const screen = new Writable({
    write(chunk, _encoding, done) {
      if (echo.on) io.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: io.stdin, output: screen, terminal: true, historySize: 0 });
  const left = new AbortController();
  // Ctrl-C, and Ctrl-D as well.
  lines.once('SIGINT', () => lines.close()).once('close', () => left.abort());

  async function ask(question: string): Promise<string> {
    try {
      return await lines.question(question, { signal: left.signal });
    } catch (error) {
      io.stderr.write('\n');
      throw left.signal.aborted ? new UsageError('Given up, nothing was changed.') : error;
    }
  }

  async function askSecretly(question: string): Promise<string> {
    io.stderr.write(question);
    echo.on = false;
    try {
      return await ask('');
    } finally {
      echo.on = true;
      io.stderr.write('\n');
    }
  }

  try {
    return await work({ ask, askSecretly });
  } finally {
    lines.close();
  }
}
