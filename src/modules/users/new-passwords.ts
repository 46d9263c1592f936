import { assertThat, badUserInput } from '../../common/errors.js';
import type { BreachedPasswords } from './breached-passwords.js';
import type { PasswordHasher } from './password-hasher.js';
import { type PasswordOwner, passwordIssues } from './user.rules.js';

/** Takes passwords that somebody chooses, whoever and wherever, by the same rules. */
export class NewPasswords {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly breached: BreachedPasswords,
  ) {}

  /** The password's hash. Throws BAD_USER_INPUT with every broken rule, under that path. */
  async accept(password: string, owner: PasswordOwner, path: readonly string[]): Promise<string> {
    const issues = passwordIssues(password, owner);
    assertThat(issues.length === 0, () => badUserInput(issues.map((message) => ({ path, message }))));
    return this.hash(password, path);
  }

  /** The hash of one that keeps the other rules: the service is asked last, and only for what would be taken. */
  async hash(password: string, path: readonly string[]): Promise<string> {
    const isBreached = await this.breached.has(password);
    const message = 'must not be a password that is known from a data breach';
    assertThat(!isBreached, () => badUserInput([{ path, message }]));
    return this.hasher.hash(password);
  }
}
