import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { assertThat, conflict, type InputIssue, unauthenticated } from '../../common/errors.js';
import { newId } from '../../common/ids.js';
import { parseInput } from '../../common/validation.js';
import type { Role, UserViewer } from '../../common/viewer.js';
import type { PasswordHasher } from './password-hasher.js';
import { findTakenNames, findUserByUsername, findUsersByIds, insertUser, type UserRow } from './user.queries.js';
import { registration } from './user.rules.js';

/** Accounts: how they come to be, and how they are found. */
export class UserService {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly clock: Clock,
  ) {}

  /** The caller's own account. Throws UNAUTHENTICATED: a token can outlive its user until the news of it has come. */
  async caller(em: EntityManager, viewer: UserViewer): Promise<UserRow> {
    const [user] = await findUsersByIds(em, [viewer.id]);
    assertThat(user, () => unauthenticated('REVOKED'));
    return user;
  }

  async byUsername(em: EntityManager, username: string): Promise<UserRow | null> {
    return findUserByUsername(em, username);
  }

  /**
   * Makes an account; the input is checked here, whoever brings it. Throws BAD_USER_INPUT, or CONFLICT with every name
   * that is taken; the hash is computed before either name is looked up, so that both take the same time.
   */
  async register(em: EntityManager, input: unknown, role: Role = 'USER'): Promise<UserRow> {
    const { username, email, password } = parseInput(registration, input);
    const passwordHash = await this.hasher.hash(password);
    const createdAt = new Date(this.clock.now());
    const user = await insertUser(em, { id: newId(this.clock), username, email, passwordHash, role, createdAt });
    if (user) return user;
    throw conflict(issuesOf(await findTakenNames(em, username, email)));
  }
}

function issuesOf(taken: { username: boolean; email: boolean }): InputIssue[] {
  const issues: InputIssue[] = [];
  if (taken.username) issues.push({ path: ['input', 'username'], message: 'is taken' });
  if (taken.email) issues.push({ path: ['input', 'email'], message: 'is taken' });
  return issues;
}
