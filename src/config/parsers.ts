import { z } from 'zod';
import type { CostLimit } from '../common/budget.js';
import type { AttemptLimit } from './types.js';

/** Reads a setting's text; its only issue's message is the rule, which never repeats the text: that may be a secret. */
export type Parser<T> = z.ZodType<T, string | null>;

/** A parser from a function that returns undefined where the rule is broken. */
export function parser<T>(rule: string, read: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Node's timers and PostgreSQL's timeouts both end at 2^31 - 1 milliseconds, a little beyond this. */
const timerLimit = '24d';

/** What `30s`, `5m`, `12h` or `7d` is in milliseconds; undefined for anything else. */
function readDuration(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const factor = units[unit];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** A duration within bounds, in milliseconds; `orZero` allows 0s beside them. */
export function duration({ min = '0s', max = timerLimit, orZero = false } = {}): Parser<number> {
  const zero = orZero ? '0s or ' : '';
  return parser(`must be ${zero}a duration from ${min} to ${max}, written like 30s, 5m, 12h or 7d`, (text) => {
    const value = readDuration(text);
    return orZero && value === 0 ? 0 : within(value, readDuration(min), readDuration(max));
  });
}

const largestCost = 1_000_000_000;
const mostAttempts = 1_000_000;
const longestWindow = '365d';

/** A sign-in limit such as `10/5m`. */
export const attemptLimit: Parser<AttemptLimit> = parser(
  `must be a number of failures from 1 to ${mostAttempts} and a duration from 1s to ${longestWindow}, written like 10/5m`,
  (text) => {
    const limit = readLimit(text, mostAttempts);
    return limit && { attempts: limit.count, window: limit.window };
  },
);

export const costLimit: Parser<CostLimit> = parser(
  `must be a cost from 1 to ${largestCost} and a duration from 1s to ${longestWindow}, written like 1000000/10s`,
  (text) => {
    const limit = readLimit(text, largestCost);
    return limit && { cost: limit.count, window: limit.window };
  },
);

function readLimit(text: string, most: number): { count: number; window: number } | undefined {
  const [first = '', second = '', ...rest] = text.split('/');
  const count = within(readInteger(first), 1, most);
  const window = within(readDuration(second), 1_000, readDuration(longestWindow));
  return count === undefined || window === undefined || rest.length > 0 ? undefined : { count, window };
}

/** A whole number within bounds. */
export function integer(min: number, max: number): Parser<number> {
  return parser(`must be a whole number from ${min} to ${max}`, (text) => within(readInteger(text), min, max));
}

export const flag: Parser<boolean> = parser('must be true or false', (text) =>
  text === 'true' ? true : text === 'false' ? false : undefined,
);

/** One of the listed words. */
export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return parser(`must be one of ${words.join(', ')}`, (text) => words.find((word) => word === text));
}

/** Text on one line, with nothing invisible at its ends. */
export const line: z.ZodType<string, string> = parser(
  'must be text on one line, without white space at its ends',
  (text) => (isLine(text) ? text : undefined),
);

export function isLine(text: string): boolean {
  return /^[^\p{Cc}]+$/u.test(text) && text === text.trim();
}

/** Any text that is not blank, as it stands. */
export const secretText: z.ZodType<string, string> = parser('must not be blank', (text) =>
  text.trim() === '' ? undefined : text,
);

/** A comma-separated list; `rule` speaks of one entry, and a fault says which one breaks it. */
export function list<T>(rule: string, read: (entry: string) => T | undefined): z.ZodType<T[], string> {
  return z.string().transform((text, context) =>
    splitList(text).map((entry, index) => {
      const value = read(entry);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `entry ${index + 1} ${rule}` });
      return z.NEVER;
    }),
  );
}

export function splitList(text: string): string[] {
  return text === '' ? [] : text.split(',').map((entry) => entry.trim());
}

export function readInteger(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function within(value: number | undefined, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
