import { z } from 'zod';
import type { InputIssue } from '../../common/errors.js';
import { isStorableText, text } from '../../common/validation.js';
import { isCommonPassword } from './common-passwords.js';
import { isSimilar } from './similarity.js';

/** What a password may not be like, whoever chooses it and when. */
export interface PasswordOwner {
  readonly username: string;
  readonly email: string;
}

export const usernameRule = z
  .string()
  .regex(/^[A-Za-z0-9@.+_-]{1,150}$/, 'must be 1 to 150 ASCII letters, digits and the characters @ . + - _');

/** As browsers check it (HTML's own definition), with a domain that has a dot, in the lengths of RFC 5321 (4.5.3.1). */
export const emailRule = z
  .string()
  .refine(
    (address) => address.length <= 254 && /^.{1,64}@.+\../.test(address) && z.regexes.html5Email.test(address),
    'must be an e-mail address',
  );

/** As long as any password is. */
export const newPasswordRule = text({ min: 8, max: 256 });

/** The rules of a new account, all broken ones reported at once. */
export const registration = z
  .object({ username: usernameRule, email: emailRule, password: newPasswordRule })
  .superRefine((input, context) => {
    for (const { path, message } of crossIssues(input)) context.addIssue({ code: 'custom', path: [...path], message });
  });

type Registration = z.infer<typeof registration>;

/** The rules that need more than one field, or a dictionary. */
function crossIssues({ username, email, password }: Registration): InputIssue[] {
  const issues = passwordIssues(password, { username, email }).map((message) => ({ path: ['password'], message }));
  if (username.includes('@') && username.toLowerCase() !== email.toLowerCase()) {
    issues.push({ path: ['username'], message: 'with an @ must be the e-mail address of the account itself' });
  }
  return issues;
}

/**
 * OWASP ASVS 5, 6.2: no composition rules, but nothing that is guessed first. Only of what could be a password: comparing
 * takes its time, and the normal form of a text as long as a request can take many seconds.
 */
export function passwordIssues(password: string, owner: PasswordOwner): string[] {
  if (!isStorableText(password) || password.length > 2 * 256) return [];
  const issues = [];
  if (/^\p{Nd}+$/u.test(password)) issues.push('must not be all digits');
  const likeness = likenessOf(password, owner);
  if (likeness !== null) issues.push(likeness);
  if (isCommonPassword(password)) issues.push('must not be a common password');
  return issues;
}

/** Only with what could be an account's. */
function likenessOf(password: string, { username, email }: PasswordOwner): string | null {
  if (username.length > 150 || email.length > 254) return null;
  if (password.toLowerCase() === username.toLowerCase()) return 'must not be the user name';
  if (isSimilar(password, username)) return 'must not be like the user name';
  return isSimilar(password, email) ? 'must not be like the e-mail address' : null;
}
