import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { readVariables, type Variables } from '../config.js';
import { explain } from './explain.js';
import type { CommandIo } from './io.js';
import { toUsageError } from './usage.js';

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
  /** Does the work; what it throws is explained in a line on stderr, and the exit code is 1. */
  execute(values: OptionValues<Options>, io: CommandIo, variables: Variables): Promise<void>;
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
      await spec.execute(parseStrictly(args, spec.options), io, variables);
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
  options: Options,
): OptionValues<Options> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw toUsageError(error);
  }
}

/** A bug: its stack is what a report of it needs. */
function unforeseen(error: unknown): string[] {
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
