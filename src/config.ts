import { existsSync } from 'node:fs';
import { buildConfig } from './config/build.js';
import { allSettings } from './config/definition.js';
import { ConfigError, type ConfigFault } from './config/error.js';
import { crossFaults } from './config/rules.js';
import type { Setting } from './config/setting.js';
import { readSources, type Sources, sourceFaults, type Variables } from './config/sources.js';
import type { Config } from './config/types.js';
import { unknownFaults } from './config/unknown.js';

export { envExample, settingsTable } from './config/docs.js';
export { ConfigError } from './config/error.js';
export { describeSettings } from './config/report.js';
export type { Variables } from './config/sources.js';
export type {
  AttemptLimit,
  AuthTokenClass,
  Config,
  JwtAlgorithm,
  MailLanguage,
  ManagedKeySettings,
  SecondFactorSettings,
  TokenSettings,
  TrustProxy,
} from './config/types.js';

/** The process's own variables and, below them, those of a file `.env` where it was started; all else is handed its settings. */
export function readVariables(): Variables {
  if (existsSync('.env')) process.loadEnvFile();
  return process.env;
}

/**
 * Reads and checks every setting, and the files that `…_FILE` variables name.
 * Throws ConfigError with all faults at once, none of which repeats a value.
 */
export function loadConfig(variables: Variables): Config {
  const sources = readSources(variables);
  const faults = [
    ...sourceFaults(sources),
    ...ownFaults(sources),
    ...crossFaults((setting) => peek(sources, setting)),
    ...unknownFaults(variables),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return buildConfig((setting) => setting.parser.parse(textOf(sources, setting)));
}

/** The rules that settings break by themselves. */
function ownFaults(sources: Sources): ConfigFault[] {
  return allSettings
    .filter((setting) => sources.get(setting)?.fault === undefined)
    .flatMap((setting) => {
      const issues = setting.parser.safeParse(textOf(sources, setting)).error?.issues ?? [];
      return issues.map(({ message }) => ({ name: setting.name, rule: message }));
    });
}

function peek<T>(sources: Sources, setting: Setting<T>): T | undefined {
  if (sources.get(setting)?.fault !== undefined) return undefined;
  return setting.parser.safeParse(textOf(sources, setting)).data;
}

function textOf(sources: Sources, setting: Setting): string | null {
  return sources.get(setting)?.text ?? null;
}
