import { assertThat, forbidden } from '../common/errors.js';
import { refusalOf, requireUser } from '../common/require-user.js';
import { editablePost } from '../modules/posts/post.access.js';
import { canSeePrivateFields } from '../modules/users/user.policy.js';
import type { UserRow } from '../modules/users/user.queries.js';
import { anyone, guard, open, type Permissions } from './shield.js';

const signedIn = guard('signedIn', ({ viewer }) => {
  requireUser(viewer);
});

/** The user, admins, and whoever has just proved to be the user within this request. */
const selfOrAdmin = guard('selfOrAdmin', ({ viewer, provenUserIds }, _args, parent) => {
  const user = parent as UserRow;
  if (provenUserIds.has(user.id) || canSeePrivateFields(viewer, user)) return;
  throw viewer.kind === 'anonymous' ? refusalOf(viewer) : forbidden();
});

const admin = guard('admin', ({ viewer }) => {
  assertThat(requireUser(viewer).role === 'ADMIN', forbidden);
});

const postOwnerOrAdmin = guard('postOwnerOrAdmin', async ({ viewer, em }, { id }) => {
  await editablePost(em, requireUser(viewer), String(id));
});

/** The whole policy. A field that is not named here is denied to everybody, and a test fails. */
export const permissions: Permissions = {
  Query: {
    me: signedIn,
    user: anyone,
    post: anyone, // a draft answers null to those who may not see it
    posts: anyone, // drafts are left out for those who may not see them
    sessions: signedIn,
    rememberedDevices: signedIn,
    users: admin,
    outstandingTokens: admin,
    securityEvents: admin,
    mySecurityEvents: signedIn,
    exportMyData: signedIn,
  },
  Mutation: {
    register: anyone,
    requestEmailVerification: signedIn,
    changeEmail: signedIn,
    changePassword: signedIn,
    deleteAccount: signedIn,
    requestPasswordReset: anyone,
    resetPassword: anyone, // who has the link
    verifyEmail: anyone, // who has the link
    disavow: anyone, // who has the link
    obtainToken: anyone,
    refreshToken: anyone,
    obtainSlidingToken: anyone, // FORBIDDEN where they are off
    refreshSlidingToken: anyone,
    verifyToken: anyone,
    revokeToken: anyone,
    logout: signedIn,
    completeSecondFactor: anyone, // whoever holds the challenge
    resendSecondFactorCode: anyone,
    startSecondFactor: signedIn,
    confirmSecondFactor: signedIn,
    disableSecondFactor: signedIn,
    regenerateRecoveryCodes: signedIn,
    forgetDevice: signedIn, // one's own only
    revokeSession: signedIn, // one's own only
    startPasskeySignIn: anyone,
    completePasskeySignIn: anyone,
    startPasskeyRegistration: signedIn,
    finishPasskeyRegistration: signedIn,
    removePasskey: signedIn, // one's own only
    setUserRole: admin,
    setUserActive: admin,
    revokeUserSessions: admin,
    blacklistToken: admin,
    createPost: signedIn,
    updatePost: postOwnerOrAdmin,
    deletePost: postOwnerOrAdmin,
  },
  User: {
    id: anyone,
    username: anyone,
    email: selfOrAdmin,
    emailVerified: selfOrAdmin,
    role: anyone,
    active: selfOrAdmin,
    createdAt: anyone,
    lastLoginAt: selfOrAdmin,
    posts: anyone,
    sessions: selfOrAdmin,
    passkeys: selfOrAdmin,
    secondFactors: selfOrAdmin,
  },
  Post: open('id', 'title', 'body', 'status', 'author', 'createdAt', 'updatedAt'),
  PostConnection: open('edges', 'nodes', 'pageInfo', 'totalCount'),
  PostEdge: open('cursor', 'node'),
  PageInfo: open('hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'),
  // What follows is only ever handed to those whom it belongs to.
  Session: open('id', 'createdAt', 'lastUsedAt', 'expiresAt', 'ipAddress', 'userAgent', 'current'),
  SessionConnection: open('edges', 'nodes', 'pageInfo', 'totalCount'),
  SessionEdge: open('cursor', 'node'),
  Passkey: open('id', 'name', 'backedUp', 'createdAt', 'lastUsedAt'),
  PasskeyChallenge: open('token', 'options', 'expiresAt'),
  UserConnection: open('edges', 'nodes', 'pageInfo', 'totalCount'),
  UserEdge: open('cursor', 'node'),
  OutstandingToken: open('jti', 'user', 'sessionId', 'status', 'createdAt', 'expiresAt', 'rotatedAt', 'blacklistedAt'),
  OutstandingTokenConnection: open('edges', 'nodes', 'pageInfo', 'totalCount'),
  OutstandingTokenEdge: open('cursor', 'node'),
  TokenPair: open(
    'accessToken',
    'refreshToken',
    'tokenType',
    'accessTokenExpiresAt',
    'refreshTokenExpiresAt',
    'user',
    'deviceToken',
  ),
  RememberedDevice: open('id', 'createdAt', 'lastUsedAt', 'expiresAt', 'ipAddress', 'userAgent'),
  SlidingToken: open('token', 'tokenType', 'expiresAt', 'refreshExpiresAt', 'user'),
  TokenInfo: open('tokenType', 'jti', 'userId', 'sessionId', 'issuedAt', 'expiresAt'),
  SecondFactor: open('method', 'confirmedAt', 'lastUsedAt'),
  SecondFactorEnrolment: open('enrolmentToken', 'method', 'totpSecret', 'otpauthUrl', 'qrCode', 'expiresAt'),
  SecondFactorConfirmation: open('factor', 'recoveryCodes'),
  SecondFactorChallenge: open('challengeToken', 'methods', 'expiresAt'),
  SecurityEvent: open('id', 'type', 'user', 'actor', 'sessionId', 'ipAddress', 'userAgent', 'detail', 'createdAt'),
  SecurityEventConnection: open('edges', 'nodes', 'pageInfo', 'totalCount'),
  SecurityEventEdge: open('cursor', 'node'),
  LogoutPayload: open('sessionsEnded'),
};
