import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../common/clock.js';
import { conflict } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { randomPassword } from '../common/random-password.js';
import type { Role } from '../common/viewer.js';
import { insertUser } from '../modules/users/user.queries.js';
import { hasPosts, renewAccess } from './demo.statements.js';
import { type DemoPost, demoUsers } from './demo-users.js';
import { insertPosts } from './seed.statements.js';

export interface DemoTools {
  hash(password: string): Promise<string>;
  readonly clock: Clock;
}

/** An account of the demo with the password that it has from now on. */
export interface DemoAccount {
  readonly username: string;
  readonly role: Role;
  readonly password: string;
}

const day = 86_400_000;

/**
 * Makes the accounts alice, bob and admin with posts; those that exist keep their posts and get new passwords.
 * Throws CONFLICT if somebody else has one of their names or e-mail addresses.
 */
export async function prepareDemo(em: EntityManager, tools: DemoTools): Promise<DemoAccount[]> {
  const accounts: DemoAccount[] = [];
  for (const { username, role, posts } of demoUsers) {
    const account = { username, role, password: randomPassword() };
    const id = await admit(em, account, tools);
    if (!(await hasPosts(em, id))) await addPosts(em, id, posts, tools.clock);
    accounts.push(account);
  }
  return accounts;
}

async function admit(
  em: EntityManager,
  { username, role, password }: DemoAccount,
  { hash, clock }: DemoTools,
): Promise<string> {
  const passwordHash = await hash(password);
  const now = new Date(clock.now());
  // The name alone says little: an account called admin or alice may well be a person's own.
  const email = `${username}@example.com`;
  const existing = await renewAccess(em, { username, email }, { passwordHash, role, now });
  if (existing !== null) return existing;
  const times = { createdAt: now, emailVerifiedAt: now };
  const user = await insertUser(em, { id: newId(clock), username, email, passwordHash, role, ...times });
  if (user) return user.id;
  const message = `cannot be made by --demo: that name or ${email} belongs to another account`;
  throw conflict([{ path: [username], message }]);
}

async function addPosts(em: EntityManager, authorId: string, posts: readonly DemoPost[], clock: Clock): Promise<void> {
  const rows = posts.map(({ title, body, status, age }) => {
    const createdAt = new Date(clock.now() - age * day);
    const id = newId({ now: () => createdAt.getTime() });
    return { id, authorId, title, body, status, createdAt, updatedAt: createdAt };
  });
  await insertPosts(em, rows);
}
