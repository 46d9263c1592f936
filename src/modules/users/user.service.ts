import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { assertThat, conflict, type InputIssue, type PosternError, unauthenticated } from '../../common/errors.js';
import { newId } from '../../common/ids.js';
import { parseInput } from '../../common/validation.js';
import type { Role, UserViewer } from '../../common/viewer.js';
import type { NewPasswords } from './new-passwords.js';
import {
  findTakenNames,
  findUserByUsername,
  findUsersByIds,
  insertUser,
  type NewUser,
  type UserRow,
} from './user.queries.js';
import { registration } from './user.rules.js';

/** What an account starts with. */
interface Standing {
  readonly role?: Role;
  /** Whether its address counts as verified. */
  readonly verified?: boolean;
}

/** Accounts: how they come to be, and how they are found. */
export class UserService {
  constructor(
    private readonly passwords: NewPasswords,
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
   * A new account that is yet to be written; the input is checked here, whoever brings it. Throws BAD_USER_INPUT. The hash
   * is computed before either name is looked up, so that names that are taken take the same time.
   */
  async prepare(input: unknown, { role = 'USER', verified = false }: Standing = {}): Promise<NewUser> {
    const { username, email, password } = parseInput(registration, input);
    const passwordHash = await this.passwords.hash(password, ['input', 'password']);
    const createdAt = new Date(this.clock.now());
    const emailVerifiedAt = verified ? createdAt : null;
    return { id: newId(this.clock), username, email, emailVerifiedAt, passwordHash, role, createdAt };
  }

  /** Makes an account whose address counts as verified, for whoever runs the server. Throws BAD_USER_INPUT or CONFLICT. */
  async register(em: EntityManager, input: unknown, role: Role = 'USER'): Promise<UserRow> {
    const prepared = await this.prepare(input, { role, verified: true });
    const user = await insertUser(em, prepared);
    if (user) return user;
    throw await this.conflict(em, prepared);
  }

  /** CONFLICT with every name that is taken; with the address where neither is, for then it is kept for another account. */
  async conflict(em: EntityManager, { username, email }: Pick<NewUser, 'username' | 'email'>): Promise<PosternError> {
    const taken = await findTakenNames(em, username, email);
    return conflict(issuesOf(taken.username ? taken : { ...taken, email: true }));
  }
}

function issuesOf(taken: { username: boolean; email: boolean }): InputIssue[] {
  const issues: InputIssue[] = [];
  if (taken.username) issues.push({ path: ['input', 'username'], message: 'is taken' });
  if (taken.email) issues.push({ path: ['input', 'email'], message: 'is taken' });
  return issues;
}
