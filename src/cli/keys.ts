import { type Clock, systemClock } from '../common/clock.js';
import { loadConfig } from '../config.js';
import type { KeyInfo, KeyService } from '../modules/auth/keys/key.service.js';
import { keyService, openVault } from '../modules/auth/keys/keys.js';
import { type Command, defineCommand, runAsProcess } from './command.js';
import type { CommandIo } from './io.js';
import { UsageError } from './usage.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Manages the key pairs that sign tokens; docs/keys.md tells how a rotation goes.

npm run keys -- list
npm run keys -- generate
npm run keys -- activate KID [--now]
npm run keys -- retire KID [--now]

  list       every key, and what it is good for
  generate   makes a key that is published and accepted, but does not sign yet
  activate   lets a key sign; the one before is accepted until the overlap is over
  retire     ends a key once the overlap is over

  --now      activate: also while others may not have heard of the key; retire: without overlap, for a key that leaked

KID may be the beginning of a key's name. On PostgreSQL this is safe beside running servers, which follow within a second.
`;

type Action = (keys: KeyService, kid: string, now: boolean, run: Run) => Promise<void>;

interface Run {
  readonly em: Parameters<KeyService['list']>[0];
  /** JWT_SIGNING_KEY: what has signed so far. */
  readonly configured: string | null;
  readonly say: (line: string) => void;
}

const actions: Readonly<Record<string, Action>> = {
  async list(keys, _kid, _now, { em, say }) {
    for (const line of table(await keys.list(em))) say(line);
  },
  async generate(keys, _kid, _now, { em, configured, say }) {
    // A start would find that there are keys, and leave the configured one, and with it every token that is out, aside.
    const first = configured === null ? null : await keys.makeFirst(em, configured);
    if (first) say(`${first.kid}, which is the one of JWT_SIGNING_KEY, signs until another is activated.`);
    const { kid, activatableAt } = await keys.generate(em);
    say(`Generated ${kid}. It can be activated from ${activatableAt.toISOString()} on.`);
  },
  async activate(keys, prefix, now, { em, say }) {
    const { kid } = await keys.activate(em, prefix, { force: now });
    say(`${kid} signs from now on.`);
  },
  async retire(keys, prefix, now, { em, say }) {
    const { kid, retiresAt } = await keys.retire(em, prefix, { atOnce: now });
    say(now ? `${kid} is refused from now on.` : `${kid} is refused from ${retiresAt?.toISOString()} on.`);
  },
};

/** The command by this clock. */
export function createKeysCommand(clock: Clock): Command {
  return defineCommand({
    name: 'keys',
    help,
    options: { now: { type: 'boolean', default: false } },
    positionals: ['action', 'kid'],
    async execute({ now }, io, variables, [action = '', kid]) {
      const perform = actionOf(action, kid, now);
      const config = loadConfig(variables);
      const keys = keyService(config, await openVault(config), clock);
      const configured = config.tokens.signingKey;
      await withMigratedDatabase(config, io, 'refuse', async (database) => {
        await perform(keys, kid ?? '', now, { em: database.fork(), configured, say: (line) => print(io, line) });
      });
    },
  });
}

function actionOf(action: string, kid: string | undefined, now: boolean): Action {
  const perform = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!perform) throw new UsageError(`Say what to do: ${Object.keys(actions).join(', ')}.`);
  const needsKid = action === 'activate' || action === 'retire';
  if (needsKid !== (kid !== undefined)) throw new UsageError(`${action} takes ${needsKid ? 'a KID' : 'no KID'}.`);
  if (now && !needsKid) throw new UsageError(`${action} takes no --now.`);
  return perform;
}

function print(io: CommandIo, line: string): void {
  io.stdout.write(`${line}\n`);
}

const columns = ['kid', 'algorithm', 'state', 'created', 'activated', 'accepted until'] as const;

function table(keys: readonly KeyInfo[]): string[] {
  const rows = keys.map((key) => [
    key.kid,
    key.algorithm,
    key.state,
    key.createdAt.toISOString(),
    key.activatedAt?.toISOString() ?? '-',
    key.retiresAt?.toISOString() ?? '-',
  ]);
  const widths = columns.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  return [columns, ...rows].map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

if (import.meta.main) await runAsProcess(createKeysCommand(systemClock));
