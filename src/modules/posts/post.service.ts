import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { notFound, unauthenticated } from '../../common/errors.js';
import { isId, newId } from '../../common/ids.js';
import type { Connection } from '../../common/pagination/connection.js';
import type { CursorCodec } from '../../common/pagination/cursor.js';
import type { PageArguments } from '../../common/pagination/page-arguments.js';
import { paginate } from '../../common/pagination/paginate.js';
import { type ReadRows, readRows } from '../../common/pagination/read-rows.js';
import { parseInput } from '../../common/validation.js';
import type { UserViewer, Viewer } from '../../common/viewer.js';
import { editablePost } from './post.access.js';
import type { Post } from './post.entity.js';
import { type CreatePostInput, createPostRules, type UpdatePostInput, updatePostRules } from './post.inputs.js';
import { postList, postsRules } from './post.list.js';
import { canSeePost, type Reader } from './post.policy.js';
import { deletePost, findPost, insertPost, updatePost } from './post.queries.js';
import type { PostsArguments } from './post.types.js';

/** What can be done with posts. Inputs are as clients sent them. */
export class PostService {
  constructor(
    private readonly clock: Clock,
    private readonly cursors: CursorCodec,
  ) {}

  /** Null for an id that names nothing, or a draft which the viewer may not see. */
  async byId(em: EntityManager, viewer: Viewer, id: string): Promise<Post | null> {
    const post = isId(id) ? await findPost(em, id) : null;
    return post && canSeePost(viewer, post) ? post : null;
  }

  /** A page of the posts that the viewer may see; throws BAD_USER_INPUT with every broken rule. */
  page(em: EntityManager, viewer: Viewer, args: PostsArguments): Connection<Post> {
    return this.list(readRows(em), viewer, args);
  }

  /** The same of one author. `read` may batch, as many authors' posts are often asked for at once. */
  pageOfAuthor(read: ReadRows, viewer: Reader, authorId: string, args: PageArguments): Connection<Post> {
    return this.list(read, viewer, { ...args, filter: { authorId } });
  }

  /** Throws BAD_USER_INPUT. */
  async create(em: EntityManager, viewer: UserViewer, input: CreatePostInput): Promise<Post> {
    const values = parseInput(createPostRules, input);
    const now = new Date(this.clock.now());
    const post: Post = { id: newId(this.clock), authorId: viewer.id, ...values, createdAt: now, updatedAt: now };
    await insertPost(em, post).catch(refuseDeletedAuthor);
    return post;
  }

  /** Changes what is given, an empty input nothing. Throws BAD_USER_INPUT, NOT_FOUND or FORBIDDEN. */
  async update(em: EntityManager, viewer: UserViewer, id: string, input: UpdatePostInput): Promise<Post> {
    const post = await editablePost(em, viewer, id);
    const changes = parseInput(updatePostRules, input);
    if (Object.keys(changes).length === 0) return post;
    const updated = await updatePost(em, id, changes, new Date(this.clock.now()));
    // What the identity map holds is out of date for whatever comes next in this request.
    em.clear();
    return updated ?? gone();
  }

  /** The post as it was. Throws NOT_FOUND or FORBIDDEN. */
  async delete(em: EntityManager, viewer: UserViewer, id: string): Promise<Post> {
    await editablePost(em, viewer, id);
    const deleted = await deletePost(em, id);
    em.clear();
    return deleted ?? gone();
  }

  private list(read: ReadRows, viewer: Reader, args: PostsArguments): Connection<Post> {
    const request = parseInput(postsRules, args, []);
    return paginate(read, this.cursors, postList(viewer, request), request);
  }
}

function gone(): never {
  throw notFound('post');
}

/** PostgreSQL's foreign_key_violation. */
const foreignKeyViolation = '23503';

/** An access token can outlive its user by the moment that the news of the deletion takes. */
function refuseDeletedAuthor(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === foreignKeyViolation) throw unauthenticated('REVOKED');
  throw error;
}
