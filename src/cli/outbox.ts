import { systemClock } from '../common/clock.js';
import { loadConfig } from '../config.js';
import { describeWaiting, findFailed, reviveFailed, type WaitingItems } from '../modules/outbox/outbox.queries.js';
import { defineCommand, runAsProcess } from './command.js';
import { UsageError } from './usage.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Shows mails and other work that could not be done, and has it tried again.

npm run outbox -- list | retry

  list    what has been given up, with the reason, and how much is still to be done
  retry   has all that was given up tried again by the running server
`;

/** How many lines of given-up work are shown. */
const most = 100;

export const outboxCommand = defineCommand({
  name: 'outbox',
  help,
  options: {},
  positionals: ['action'],
  async execute(_values, io, variables, [action]) {
    if (action !== 'list' && action !== 'retry') throw new UsageError('Say what to do: list or retry.');
    await withMigratedDatabase(loadConfig(variables), io, 'refuse', async (database) => {
      const em = database.fork();
      if (action === 'retry') {
        io.stdout.write(`To be tried again: ${await reviveFailed(em, new Date(systemClock.now()))}.\n`);
        return;
      }
      const failed = await findFailed(em, most);
      for (const { id, kind, userId, failedAt, attempts, lastError } of failed) {
        const whose = userId === null ? '' : ` of user ${userId}`;
        io.stdout.write(`${failedAt.toISOString()}  ${kind} ${id}${whose}: ${lastError} (tries: ${attempts})\n`);
      }
      io.stdout.write(`Given up: ${failed.length}${failed.length === most ? ' or more' : ''}.\n`);
      io.stdout.write(`Still to be done: ${textOf(await describeWaiting(em))}.\n`);
    });
  },
});

function textOf({ count, since, lastError }: WaitingItems): string {
  const age = since === null ? '' : `, the oldest since ${since.toISOString()}`;
  return `${count}${age}${lastError === null ? '' : `; the last to fail: ${lastError}`}`;
}

if (import.meta.main) await runAsProcess(outboxCommand);
