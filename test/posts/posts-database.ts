import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { CursorCodec } from '../../src/common/pagination/cursor.js';
import type { Role, UserViewer, Viewer } from '../../src/common/viewer.js';
import { openDatabase } from '../../src/database/open.js';
import type { Post } from '../../src/modules/posts/post.entity.js';
import { insertPost } from '../../src/modules/posts/post.queries.js';
import { PostService } from '../../src/modules/posts/post.service.js';
import { createTestDatabase, projectDefinition, type TestDatabaseKind } from '../support/databases.js';

/** The posts module on a database of its own, without the layers above. */
export interface PostsDatabase {
  readonly service: PostService;
  readonly clock: Clock & { time: number };
  /** The statements since the last call. */
  takeStatements(): string[];
  fork(): EntityManager;
  addUser(role?: Role): Promise<UserViewer>;
  addPost(author: UserViewer, values?: Partial<Post>): Promise<Post>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const anonymous: Viewer = { kind: 'anonymous', reason: 'MISSING' };

export async function openPostsDatabase(kind: TestDatabaseKind): Promise<PostsDatabase> {
  const testDatabase = await createTestDatabase(kind);
  const statements: string[] = [];
  const database = await openDatabase(testDatabase.settings, {
    ...(await projectDefinition()),
    ...testDatabase.overrides,
    onStatement: (statement) => statements.push(statement),
  });
  const clock = { time: Date.parse('2026-01-01T00:00:00Z'), now: () => clock.time };
  const service = new PostService(clock, new CursorCodec(Buffer.alloc(32, 7)));
  const fork = () => database.orm.em.fork();

  return {
    service,
    clock,
    fork,
    takeStatements: () => statements.splice(0),
    async addUser(role = 'USER') {
      const id = newId(clock);
      await sql`insert into users (id, username, email, password_hash, role, created_at)
        values (${id}, ${id}, ${`${id}@example.com`}, 'none', ${role}, ${new Date(clock.now())})`.execute(
        fork().getKysely(),
      );
      return { kind: 'user', id, role, sessionId: newId(clock), authenticatedAt: new Date(clock.now()) };
    },
    async addPost(author, values = {}) {
      const now = new Date(clock.now());
      const post: Post = {
        id: newId(clock),
        authorId: author.id,
        title: 'A title',
        body: 'A body',
        status: 'PUBLISHED',
        createdAt: now,
        updatedAt: now,
        ...values,
      };
      await insertPost(fork(), post);
      return post;
    },
    async clear() {
      await sql`delete from posts`.execute(fork().getKysely());
    },
    async close() {
      await database.close();
      await testDatabase.drop();
    },
  };
}
