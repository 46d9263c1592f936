import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, forbidden, notFound } from '../../common/errors.js';
import { isId } from '../../common/ids.js';
import type { UserViewer } from '../../common/viewer.js';
import { Post } from './post.entity.js';
import { canEditPost, canSeePost } from './post.policy.js';

/**
 * The post, if the viewer may edit it. Throws NOT_FOUND where there is none that they may see, else FORBIDDEN.
 * The permission rule and then the service ask for it: the second time the identity map answers, without a statement.
 */
export async function editablePost(em: EntityManager, viewer: UserViewer, id: string): Promise<Post> {
  const post = isId(id) ? await em.findOne(Post, id.toLowerCase()) : null;
  assertThat(post && canSeePost(viewer, post), () => notFound('post'));
  assertThat(canEditPost(viewer, post), forbidden);
  return post;
}
