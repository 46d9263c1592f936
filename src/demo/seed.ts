import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Post } from '../modules/posts/post.entity.js';
import type { NewUser } from '../modules/users/user.queries.js';
import { makeBody, makeTitle } from './prose.js';
import { between, createRandom, pick, type Random } from './random.js';
import { insertPosts, insertUsers, lastSeededNumber, seedDomain } from './seed.statements.js';

export interface SeedOptions {
  /** At least one: somebody has to write the posts. */
  readonly users: number;
  readonly posts: number;
  /** The hash of the one password of all these users. */
  readonly passwordHash: string;
  readonly clock: Clock;
  onProgress(what: 'users' | 'posts', done: number): void;
}

/** What is new: the users in the order of their making. */
export interface SeedReport {
  readonly usernames: readonly string[];
}

/** Rows in one statement. */
const batchSize = 1_000;

const day = 86_400_000;
const span = 730 * day;

const firstNames = 'ada bruno clara deniz elif farid greta hana ivo jana karim lena marek nora otto petra'.split(' ');
const lastNames = 'adler brandt costa dahl eriksen fischer garcia horvat ito jansen kovac lind moreau novak'.split(' ');

/**
 * Adds users and posts of the past two years: the same numbers on the same database make the same content.
 * Another run adds more; a run that breaks off leaves what it had added.
 */
export async function seed(em: EntityManager, options: SeedOptions): Promise<SeedReport> {
  const last = await lastSeededNumber(em);
  const random = createRandom(last);
  const authors = await addUsers(em, options, last, random);
  await addPosts(em, options, authors, random);
  return { usernames: authors.map(({ username }) => username) };
}

/** Numbers that turn out to be taken are left out, and further ones used. */
async function addUsers(
  em: EntityManager,
  { users, passwordHash, clock, onProgress }: SeedOptions,
  last: number,
  random: Random,
): Promise<NewUser[]> {
  const start = clock.now() - span;
  const added: NewUser[] = [];
  for (let number = last + 1; added.length < users; ) {
    const length = Math.min(batchSize, users - added.length);
    const done = added.length;
    const batch = Array.from({ length }, (_, i) => {
      const createdAt = new Date(start + Math.floor(((done + i) / users) * span));
      return makeUser(number + i, createdAt, passwordHash, random);
    });
    const inserted = await insertUsers(em, batch);
    for (const user of batch) if (inserted.has(user.id)) added.push(user);
    number += length;
    onProgress('users', added.length);
  }
  return added;
}

function makeUser(number: number, createdAt: Date, passwordHash: string, random: Random): NewUser {
  const username = `${pick(random, firstNames)}.${pick(random, lastNames)}.${number}`;
  const email = `${username}@${seedDomain}`;
  return { id: idOf(createdAt), username, email, emailVerifiedAt: createdAt, passwordHash, role: 'USER', createdAt };
}

/** Oldest first, so that every index grows at its end. */
async function addPosts(
  em: EntityManager,
  { posts, clock, onProgress }: SeedOptions,
  authors: readonly NewUser[],
  random: Random,
): Promise<void> {
  const now = clock.now();
  for (let done = 0; done < posts; ) {
    const length = Math.min(batchSize, posts - done);
    const first = done;
    const batch = Array.from({ length }, (_, i) => makePost((first + i + random()) / posts, now, authors, random));
    await insertPosts(em, batch);
    done += length;
    onProgress('posts', done);
  }
}

/** `age` goes from 0, two years ago, to 1, now; the author had joined by then, and early ones have written more. */
function makePost(age: number, now: number, authors: readonly NewUser[], random: Random): Post {
  const createdAt = new Date(now - span + Math.floor(age * span));
  const joined = Math.ceil(age * authors.length);
  return {
    id: idOf(createdAt),
    authorId: pick(() => random() ** 2 * (joined / authors.length), authors).id,
    title: makeTitle(random),
    body: makeBody(random),
    status: random() < 0.05 ? 'DRAFT' : 'PUBLISHED',
    createdAt,
    updatedAt: random() < 0.2 ? editedAfter(createdAt, now, random) : createdAt,
  };
}

function editedAfter(createdAt: Date, now: number, random: Random): Date {
  return new Date(Math.min(now, createdAt.getTime() + between(random, 60_000, 30 * day)));
}

function idOf(createdAt: Date): string {
  return newId({ now: () => createdAt.getTime() });
}
