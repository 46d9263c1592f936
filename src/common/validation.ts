import { z } from 'zod';
import { badUserInput, type InputIssue } from './errors.js';

/** Whether PostgreSQL can store the text and send it back unchanged: well-formed Unicode without NUL. */
export function isStorableText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

/** Storable text whose length, in code points, is within bounds. */
export function text(rule: { min?: number; max: number }): z.ZodType<string, string> {
  const { min = 0, max } = rule;
  return z.string().superRefine((value, context) => {
    if (!isStorableText(value)) {
      context.addIssue({ code: 'custom', message: 'must be well-formed Unicode without NUL characters' });
      return;
    }
    const length = lengthInCodePoints(value, max);
    if (length < min || length > max) {
      context.addIssue({ code: 'custom', message: `must be ${min} to ${max} characters long` });
    }
  });
}

/** Parses an argument by its rules and throws BAD_USER_INPUT with every broken one; `path` starts with the argument's name. */
export function parseInput<T>(rules: z.ZodType<T>, value: unknown, path: readonly string[] = ['input']): T {
  const result = rules.safeParse(value);
  if (result.success) return result.data;
  throw badUserInput(result.error.issues.map((issue) => toInputIssue(issue, path)));
}

function toInputIssue(issue: z.core.$ZodIssue, path: readonly string[]): InputIssue {
  return { path: [...path, ...issue.path.map(String)], message: issue.message };
}

/** Code points, not UTF-16 units; stops counting beyond the limit, so that a huge value costs little. */
function lengthInCodePoints(value: string, limit: number): number {
  if (value.length > 2 * limit) return Number.POSITIVE_INFINITY;
  return Array.from(value).length;
}
