import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { readVariables, type Variables } from '../config.js';
import { explain } from './explain.js';
import type { CommandIo } from './io.js';
import { toUsageError, UsageError } from './usage.js';

/** Resolves to the exit code; never rejects. */
export type Command = (args: readonly string[], io: CommandIo, variables: Variables) => Promise<number>;

/** The values of the options, typed as `parseArgs` has them. */
export type OptionValues<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options }>
>['values'];

export interface CommandSpec<Options extends ParseArgsOptionsConfig> {
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;
  readonly options: Options;
  /** The names of the words that may follow the command, in their order; without it, none may. */
  readonly positionals?: readonly string[];
  /** Does the work; what it throws is explained in a line on stderr, and the exit code is 1. */
  execute(
    values: OptionValues<Options>,
    io: CommandIo,
    variables: Variables,
    positionals: readonly string[],
  ): Promise<void>;
}

const helpOption = { help: { type: 'boolean', short: 'h' } } as const;

/** Makes a command of its options and its work: arguments strictly checked, `--help`, errors told in a line each. */
export function defineCommand<const Options extends ParseArgsOptionsConfig>(spec: CommandSpec<Options>): Command {
  return async (args, io, variables) => {
    try {
      if (wantsHelp(args, spec.options)) {
        io.stdout.write(spec.help);
        return 0;
      }
      const { values, positionals } = parseStrictly(args, spec);
      await spec.execute(values, io, variables, positionals);
      return 0;
    } catch (error) {
      for (const line of explain(error) ?? unforeseen(error)) io.stderr.write(`${spec.name}: ${line}\n`);
      return 1;
    }
  };
}

/** Runs the command as this process, which ends by itself once nothing is open any more. */
export async function runAsProcess(command: Command): Promise<void> {
  process.exitCode = await command(process.argv.slice(2), process, readVariables());
}

/** Also beside mistakes: who asks for help has made one. */
function wantsHelp(args: readonly string[], options: ParseArgsOptionsConfig): boolean {
  const { values } = parseArgs({ args: [...args], options: { ...options, ...helpOption }, strict: false });
  return values['help'] === true;
}

function parseStrictly<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { options, positionals: names = [] }: Pick<CommandSpec<Options>, 'options' | 'positionals'>,
): { values: OptionValues<Options>; positionals: string[] } {
  const { values, positionals } = parseOrExplain(args, options);
  const surplus = positionals[names.length];
  if (surplus !== undefined) throw new UsageError(`Unexpected argument '${surplus}'. See --help.`);
  return { values, positionals };
}

function parseOrExplain<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw toUsageError(error);
  }
}

/** A bug: its stack is what a report of it needs. */
function unforeseen(error: unknown): string[] {
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
