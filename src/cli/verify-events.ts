import { IsolationLevel } from '@mikro-orm/core';
import { loadConfig } from '../config.js';
import type { Link } from '../modules/security-events/event-chain.queries.js';
import { format, type VerifiedChain, verifyChain } from '../modules/security-events/event-chain.verifier.js';
import { defineCommand, runAsProcess } from './command.js';
import { Progress } from './progress.js';
import { UsageError } from './usage.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Checks that no security event was changed, removed or slipped in.

npm run verify-events -- [--from POSITION:HASH]

  --from POSITION:HASH   a head that an earlier run printed, kept where nobody who can write to the database
                         can write: finds a chain that was written anew as a whole

Exit code 1 and the first fault if there is one. On PostgreSQL this is safe beside running servers.
`;

/** With fewer events nobody waits. */
const longRun = 50_000;

export const verifyEvents = defineCommand({
  name: 'verify-events',
  help,
  options: { from: { type: 'string' } },
  async execute({ from }, io, variables) {
    const anchor = from === undefined ? null : parseAnchor(from);
    const { database, ...config } = loadConfig(variables);
    // Millions of events take minutes, in one transaction so that they stand still.
    const patient = { ...config, database: { ...database, statementTimeout: 0, idleInTransactionTimeout: 0 } };
    const chain = await withMigratedDatabase(patient, io, 'refuse', (opened) => {
      let progress: Progress | undefined;
      const onProgress = (done: number, total: number): void => {
        if (total < longRun) return;
        progress ??= new Progress('events', total, io.stderr);
        if (done % 1_000 === 0 || done === total) progress.update(done);
      };
      return opened.fork().transactional((em) => verifyChain(em, { anchor, onProgress }), {
        isolationLevel: IsolationLevel.REPEATABLE_READ,
        readOnly: true,
      });
    });
    io.stdout.write(report(chain));
  },
});

function report({ base, head }: VerifiedChain): string {
  const purged = base.position > 0 ? ` after ${base.position} that were purged` : '';
  return `Verified: ${head.position - base.position} security events${purged}.\nHead: ${format(head)}\n`;
}

function parseAnchor(text: string): Link {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (position !== undefined && hash !== undefined) return { position: Number(position), hash: hash.toLowerCase() };
  throw new UsageError('--from must be a position and a hash, as an earlier run printed them: 123:0f…');
}

if (import.meta.main) await runAsProcess(verifyEvents);
