import type { Parser } from './parsers.js';
import type { Environment } from './types.js';

/** One environment variable: all that the server, the commands and the docs know of it. */
export interface Setting<T = unknown> {
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** Gets the variable's text, else the default's; null where neither is. */
  readonly parser: Parser<T>;
  readonly default: string | null;
  readonly productionDefault?: string;
  /** Entries that a list gains outside production, whatever it says. */
  readonly addedOutsideProduction?: string;
  /** What docs say of the default, where its text alone would not tell. */
  readonly defaultText?: string;
  /** Set where the value is or holds a secret: makes the text that may be shown. */
  readonly mask?: (text: string) => string;
  /** Whether `…_FILE` may name a file with the value. */
  readonly fromFile?: true;
}

/** Names a setting; its type comes from its parser. */
export function define<T>(name: string, rest: Omit<Setting<T>, 'name'>): Setting<T> {
  return { name, ...rest };
}

export interface Section {
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** The variable that names a file with the setting's value. */
export const fileVariable = ({ name }: Setting): string => `${name}_FILE`;

/** The text that stands for an unset variable; null: none. */
export function defaultFor(setting: Setting, environment: Environment): string | null {
  return environment === 'production' ? (setting.productionDefault ?? setting.default) : setting.default;
}

/** The default as docs print it. */
export function describeDefault(setting: Setting): string {
  if (setting.defaultText !== undefined) return setting.defaultText;
  const usual = setting.default || 'none';
  return setting.productionDefault === undefined ? usual : `${usual}, in production ${setting.productionDefault}`;
}
