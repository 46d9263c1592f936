import { ConfigError, describeSettings, envExample, loadConfig, readVariables, type Variables } from '../config.js';

export interface CommandOutcome {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

const usage = 'Usage: npm run config [-- --env-example]';

/** Prints the effective settings, or with `--env-example` the text of `.env.example`; exit code 1 for faults. */
export function configCommand(args: readonly string[], variables: Variables): CommandOutcome {
  const [option, ...rest] = args;
  if (rest.length > 0) return failed(usage);
  if (option === '--env-example') return succeeded(envExample());
  return option === undefined ? report(variables) : failed(usage);
}

function report(variables: Variables): CommandOutcome {
  try {
    loadConfig(variables);
    return succeeded(describeSettings(variables));
  } catch (error) {
    if (error instanceof ConfigError) return failed(error.message);
    throw error;
  }
}

function succeeded(output: string): CommandOutcome {
  return { output, errors: '', exitCode: 0 };
}

function failed(message: string): CommandOutcome {
  return { output: '', errors: `${message}\n`, exitCode: 1 };
}

if (import.meta.main) {
  const { output, errors, exitCode } = configCommand(process.argv.slice(2), readVariables());
  process.stdout.write(output);
  process.stderr.write(errors);
  process.exitCode = exitCode;
}
