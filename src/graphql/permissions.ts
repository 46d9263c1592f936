import { assertThat, forbidden, notFound } from '../common/errors.js';
import { isId } from '../common/ids.js';
import { refusalOf, requireUser } from '../common/require-user.js';
import { Post } from '../modules/posts/post.entity.js';
import { canEditPost, canSeePost } from '../modules/posts/post.policy.js';
import { canSeePrivateFields } from '../modules/users/user.policy.js';
import type { UserRow } from '../modules/users/user.queries.js';
import { anyone, guard, type Permissions } from './shield.js';

const signedIn = guard('signedIn', ({ viewer }) => {
  requireUser(viewer);
});

/** The user, admins, and whoever has just proved to be the user within this request. */
const selfOrAdmin = guard('selfOrAdmin', ({ viewer, provenUserIds }, _args, parent) => {
  const user = parent as UserRow;
  if (provenUserIds.has(user.id) || canSeePrivateFields(viewer, user)) return;
  throw viewer.kind === 'anonymous' ? refusalOf(viewer) : forbidden();
});

/** The post that is loaded here is the one that the resolver gets from the identity map: one query, not two. */
const postOwnerOrAdmin = guard('postOwnerOrAdmin', async ({ viewer, em }, { id }) => {
  const user = requireUser(viewer);
  const post = typeof id === 'string' && isId(id) ? await em.findOne(Post, id) : null;
  assertThat(post && canSeePost(user, post), () => notFound('post'));
  assertThat(canEditPost(user, post), forbidden);
});

/** The whole policy. A field that is not named here is denied to everybody, and a test fails. */
export const permissions: Permissions = {
  Query: {
    me: signedIn,
    user: anyone,
    post: anyone, // a draft answers null to those who may not see it
    posts: anyone, // drafts are left out for those who may not see them
    sessions: signedIn,
  },
  Mutation: {
    register: anyone,
    obtainToken: anyone,
    refreshToken: anyone,
    verifyToken: anyone,
    revokeToken: anyone,
    logout: signedIn,
    revokeSession: signedIn, // one's own only
    createPost: signedIn,
    updatePost: postOwnerOrAdmin,
    deletePost: postOwnerOrAdmin,
  },
  User: {
    id: anyone,
    username: anyone,
    email: selfOrAdmin,
    role: anyone,
    createdAt: anyone,
    lastLoginAt: selfOrAdmin,
    posts: anyone,
  },
  Post: anyone,
  PostConnection: anyone,
  PostEdge: anyone,
  PageInfo: anyone,
  Session: anyone,
  TokenPair: anyone,
  TokenInfo: anyone,
  SecondFactorChallenge: anyone,
  LogoutPayload: anyone,
};
