import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

let commonPasswords: ReadonlySet<string> | undefined;

/** Whether the password is among the 49,233 that attackers try first, in any case and in full-width letters too. */
export function isCommonPassword(password: string): boolean {
  commonPasswords ??= load();
  return commonPasswords.has(password.normalize('NFKC').toLowerCase());
}

/** Loaded at first use, synchronously: it takes some 30 ms and 5 MB, which most processes never need. */
function load(): ReadonlySet<string> {
  const list: unknown = require('@zxcvbn-ts/language-common').dictionary['passwords-common'];
  if (Array.isArray(list) && list.every((entry) => typeof entry === 'string')) return new Set(list);
  throw new Error('The list of common passwords is not where @zxcvbn-ts/language-common used to have it.');
}
