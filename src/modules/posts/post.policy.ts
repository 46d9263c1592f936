import type { AnonymousViewer, UserViewer } from '../../common/viewer.js';
import type { Post, PostStatus } from './post.entity.js';

/** All that the policy asks of a viewer. */
export type Reader = AnonymousViewer | Pick<UserViewer, 'kind' | 'id' | 'role'>;

/** Anyone reads published posts; a draft exists only for its author and admins. */
export function canSeePost(viewer: Reader, post: Pick<Post, 'status' | 'authorId'>): boolean {
  return post.status === 'PUBLISHED' || canEditPost(viewer, post);
}

/** The author and admins edit and delete. */
export function canEditPost(viewer: Reader, post: Pick<Post, 'authorId'>): boolean {
  return viewer.kind === 'user' && (viewer.role === 'ADMIN' || viewer.id === post.authorId);
}

/** All posts of a status, or those of them by one author. */
export interface PostScope {
  readonly status: PostStatus;
  readonly authorId: string | null;
}

/** `canSeePost` for a whole list: the disjoint scopes that hold exactly the posts which the viewer may see. */
export function visibleScopes(
  viewer: Reader,
  wanted: { status: PostStatus | null; authorId: string | null },
): PostScope[] {
  const { status, authorId } = wanted;
  const scopes: PostScope[] = [];
  if (status !== 'DRAFT') scopes.push({ status: 'PUBLISHED', authorId });
  if (status === 'PUBLISHED' || viewer.kind === 'anonymous') return scopes;
  if (viewer.role === 'ADMIN') return [...scopes, { status: 'DRAFT', authorId }];
  if (authorId === null || authorId === viewer.id) scopes.push({ status: 'DRAFT', authorId: viewer.id });
  return scopes;
}
