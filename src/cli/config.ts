import { parseArgs } from 'node:util';
import { ConfigError, describeSettings, envExample, loadConfig, processVariables, type Variables } from '../config.js';

export interface CommandOutcome {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

/** Prints the effective settings, or with `--env-example` the text of `.env.example`; exit code 1 for faults. */
export function configCommand(args: readonly string[], variables: Variables): CommandOutcome {
  try {
    if (wantsExample(args)) return succeeded(envExample());
    loadConfig(variables);
    return succeeded(describeSettings(variables));
  } catch (error) {
    if (error instanceof ConfigError || isUsageError(error)) return failed(error.message);
    throw error;
  }
}

function succeeded(output: string): CommandOutcome {
  return { output, errors: '', exitCode: 0 };
}

function failed(message: string): CommandOutcome {
  return { output: '', errors: `${message}\n`, exitCode: 1 };
}

function wantsExample(args: readonly string[]): boolean {
  const { values } = parseArgs({ args: [...args], options: { 'env-example': { type: 'boolean', default: false } } });
  return values['env-example'];
}

function isUsageError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (import.meta.main) {
  const { output, errors, exitCode } = configCommand(process.argv.slice(2), processVariables);
  process.stdout.write(output);
  process.stderr.write(errors);
  process.exitCode = exitCode;
}
