import { readFileSync } from 'node:fs';
import { allSettings, server } from './definition.js';
import type { ConfigFault } from './error.js';
import { defaultFor, fileVariable, type Setting } from './setting.js';
import type { Environment } from './types.js';

/** Variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

type Origin = 'default' | 'environment' | 'file';

/** The text of a setting and where it is from. */
export interface Source {
  /** Null: neither given nor in need of a value. */
  readonly text: string | null;
  readonly origin: Origin;
  /** Why there is no text to parse: both forms were given, or the file is no good. */
  readonly fault?: string;
}

export type Sources = ReadonlyMap<Setting, Source>;

/** Finds the text of every setting: the variable's, the file's or the default's. An empty variable counts as unset. */
export function readSources(variables: Variables): Sources {
  const environment = readEnvironment(variables);
  return new Map(allSettings.map((setting) => [setting, readSource(setting, variables, environment)]));
}

/** A NODE_ENV that breaks its rule counts as development: its own fault is enough, without those of another environment. */
function readEnvironment(variables: Variables): Environment {
  const { name, parser } = server.environment;
  return parser.safeParse(variables[name]).data ?? 'development';
}

/** The faults that lie in where a text is from. */
export function sourceFaults(sources: Sources): ConfigFault[] {
  return [...sources].flatMap(([{ name }, { fault }]) => (fault === undefined ? [] : [{ name, rule: fault }]));
}

function readSource(setting: Setting, variables: Variables, environment: Environment): Source {
  const given = variables[setting.name] || undefined;
  const path = setting.fromFile && (variables[fileVariable(setting)] || undefined);
  if (given !== undefined && path !== undefined) {
    return { text: null, origin: 'environment', fault: `and ${fileVariable(setting)} exclude each other` };
  }
  if (path !== undefined) return readFile(fileVariable(setting), path);
  const text = given ?? defaultFor(setting, environment);
  return { text: extend(text, setting, environment), origin: given === undefined ? 'default' : 'environment' };
}

function extend(text: string | null, { addedOutsideProduction }: Setting, environment: Environment): string | null {
  if (addedOutsideProduction === undefined || environment === 'production') return text;
  return text ? `${text},${addedOutsideProduction}` : addedOutsideProduction;
}

/** Editors and `echo` end a file with a newline that is no part of the secret. */
function readFile(variable: string, path: string): Source {
  const text = decode(path)?.replace(/[\r\n]+$/, '');
  if (text) return { text, origin: 'file' };
  const rule = text === '' ? 'is empty' : 'cannot be read as UTF-8 text';
  return { text: null, origin: 'file', fault: `cannot be had: the file that ${variable} names ${rule}` };
}

/** Strict, because lenient decoding turns random bytes into one and the same replacement character. */
function decode(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
}
