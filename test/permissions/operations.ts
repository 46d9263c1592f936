import { type Answer, type Pair, passwordOf } from '../support/client.js';
import type { Things } from './viewers.js';

/** One row of the matrix: a field of the schema, tried on one kind of thing. */
export interface Trial {
  /** The schema coordinate, such as `Query.me`. */
  readonly field: string;
  /** What it is tried on. */
  readonly on: string;
  /** Runs it; the answer to the field is that of the alias or path that `outcomeOf` reads. */
  run(things: Things): Promise<string>;
}

type Operation = (things: Things) => Promise<[query: string, variables?: object]>;

/** The code of the error, or whether there was an answer. */
function outcomeOf({ data, errors }: Answer<Record<string, unknown> | null>): string {
  const [error] = errors;
  if (error) return `\`${error.extensions.code}\``;
  return Object.values(data ?? {}).includes(null) ? 'null' : 'allowed';
}

function trial(field: string, on: string, operation: Operation): Trial {
  return { field, on, run: async (things) => outcomeOf(await things.client.query(...(await operation(things)))) };
}

/** Tries a list: whether what it was asked for is in it. */
function listing(field: string, on: string, operation: Operation, wanted: (things: Things) => Promise<string>): Trial {
  return {
    field,
    on,
    run: async (things) => {
      const id = await wanted(things);
      const answer = await things.client.query(...(await operation(things)));
      if (answer.errors.length > 0) return outcomeOf(answer);
      return JSON.stringify(answer.data).includes(id) ? 'shown' : 'left out';
    },
  };
}

const nobody = '00000000-0000-7000-8000-000000000000';
const posts = '{ posts(first: 100) { nodes { id } } }';
const postsOfOwner = `{ user(username: "owner") { posts(first: 100) { nodes { id } } } }`;
const setRole = 'mutation ($id: ID!) { setUserRole(id: $id, role: USER) { id active } }';
const setActive = 'mutation ($id: ID!) { setUserActive(id: $id, active: false) { id active } }';
const revokeSessions = 'mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }';
const blacklist = 'mutation ($jti: ID!) { blacklistToken(jti: $jti) { jti user { email } } }';
const update = 'mutation ($id: ID!) { updatePost(id: $id, input: { title: "another" }) { id } }';
const remove = 'mutation ($id: ID!) { deletePost(id: $id) { id } }';

function jtiOf({ refreshToken }: Pair): string {
  return JSON.parse(Buffer.from(refreshToken.split('.')[1] ?? '', 'base64url').toString()).jti;
}

/** Every operation and every guarded field, on each kind of thing that makes a difference. */
export const trials: readonly Trial[] = [
  trial('Query.me', 'themselves', async () => ['{ me { id } }']),
  trial('Query.user', 'any user', async () => ['{ user(username: "owner") { id username role createdAt } }']),
  trial('User.email', "the owner's", async () => ['{ user(username: "owner") { email } }']),
  trial('User.lastLoginAt', "the owner's", async () => ['{ user(username: "owner") { lastLoginAt } }']),
  trial('User.active', "the owner's", async () => ['{ user(username: "owner") { active } }']),
  trial('User.sessions', "the owner's", async () => ['{ user(username: "owner") { sessions { totalCount } } }']),
  trial('User.passkeys', "the owner's", async () => ['{ user(username: "owner") { passkeys { name } } }']),
  listing(
    'User.posts',
    'a published post',
    async () => [postsOfOwner],
    (things) => things.published(),
  ),
  listing(
    'User.posts',
    'a draft',
    async () => [postsOfOwner],
    (things) => things.draft(),
  ),
  trial('Query.post', 'a published post', async (things) => [`{ post(id: "${await things.published()}") { id } }`]),
  trial('Query.post', 'a draft', async (things) => [`{ post(id: "${await things.draft()}") { id } }`]),
  trial('Query.post', 'no post', async () => [`{ post(id: "${nobody}") { id } }`]),
  listing(
    'Query.posts',
    'a published post',
    async () => [posts],
    (things) => things.published(),
  ),
  listing(
    'Query.posts',
    'a draft',
    async () => [posts],
    (things) => things.draft(),
  ),
  listing(
    'Query.sessions',
    "the owner's session",
    async () => ['{ sessions { id } }'],
    (things) => things.session(),
  ),
  listing(
    'Query.users',
    'the owner',
    async () => ['{ users(filter: { search: "owner" }) { nodes { username } } }'],
    async () => 'owner',
  ),
  trial('Query.outstandingTokens', 'all tokens', async () => [
    '{ outstandingTokens { nodes { jti user { email } } } }',
  ]),
  listing(
    'Query.securityEvents',
    "the owner's sign-in",
    async () => ['{ securityEvents(first: 100) { nodes { sessionId user { email } } } }'],
    (things) => things.session(),
  ),
  listing(
    'Query.mySecurityEvents',
    "the owner's sign-in",
    async () => ['{ mySecurityEvents(first: 100) { nodes { sessionId user { email } } } }'],
    (things) => things.session(),
  ),
  trial('Mutation.register', 'a new account', async (things) => {
    const username = things.newName();
    const input = { username, email: `${username}@example.com`, password: passwordOf(username) };
    return ['mutation ($input: RegisterInput!) { register(input: $input) { id email } }', { input }];
  }),
  trial('User.emailVerified', "the owner's", async () => ['{ user(username: "owner") { emailVerified } }']),
  trial('Query.exportMyData', 'their own', async () => ['{ exportMyData }']),
  trial('Mutation.requestEmailVerification', 'their own', async () => ['mutation { requestEmailVerification }']),
  trial('Mutation.verifyEmail', 'a link', async (things) => [
    'mutation ($token: String!) { verifyEmail(token: $token) { id email } }',
    { token: await things.link('EMAIL_VERIFICATION') },
  ]),
  trial('Mutation.changeEmail', "by the owner's password", async (things) => [
    'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) }',
    { input: { newEmail: `${things.newName()}@example.com`, password: passwordOf('owner') } },
  ]),
  trial('Mutation.changePassword', "by the owner's password", async () => [
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { email } } }',
    { input: { currentPassword: passwordOf('owner'), newPassword: passwordOf('owner') } },
  ]),
  trial('Mutation.requestPasswordReset', "the owner's address", async () => [
    'mutation { requestPasswordReset(email: "owner@example.com") }',
  ]),
  trial('Mutation.resetPassword', 'a link', async (things) => [
    'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }',
    { input: { token: await things.link('PASSWORD_RESET'), newPassword: 'another long sentence' } },
  ]),
  trial('Mutation.disavow', 'a link', async (things) => [
    'mutation ($token: String!) { disavow(token: $token) }',
    { token: await things.link('DISAVOWAL') },
  ]),
  trial('Mutation.deleteAccount', 'by a wrong password', async () => [
    'mutation { deleteAccount(password: "a wrong guess") }',
  ]),
  trial('Mutation.obtainToken', "the owner's password", async () => [
    'mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair { user { email } } } }',
    { input: { username: 'owner', password: passwordOf('owner') } },
  ]),
  trial('Mutation.refreshToken', "the owner's token", async (things) => [
    'mutation ($token: String) { refreshToken(refreshToken: $token) { user { email } } }',
    { token: (await things.tokens()).refreshToken },
  ]),
  trial('Mutation.obtainSlidingToken', "the owner's password", async () => [
    'mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { user { email } } }',
    { input: { username: 'owner', password: passwordOf('owner') } },
  ]),
  trial('Mutation.refreshSlidingToken', "the owner's token", async (things) => [
    'mutation ($token: String!) { refreshSlidingToken(token: $token) { user { email } } }',
    { token: await things.slidingToken() },
  ]),
  trial('Mutation.verifyToken', "the owner's token", async (things) => [
    'mutation ($token: String!) { verifyToken(token: $token) { userId } }',
    { token: (await things.tokens()).accessToken },
  ]),
  trial('Mutation.revokeToken', "the owner's token", async (things) => [
    'mutation ($token: String!) { revokeToken(token: $token) }',
    { token: (await things.tokens()).refreshToken },
  ]),
  trial('Mutation.logout', 'their own session', async () => ['mutation { logout { sessionsEnded } }']),
  trial('Mutation.logout', 'all their sessions', async () => ['mutation { logout(all: true) { sessionsEnded } }']),
  trial('Mutation.logout', "the owner's token", async (things) => [
    'mutation ($token: String) { logout(refreshToken: $token) { sessionsEnded } }',
    { token: (await things.tokens()).refreshToken },
  ]),
  trial('Mutation.revokeSession', "the owner's session", async (things) => [
    'mutation ($id: ID!) { revokeSession(id: $id) { id } }',
    { id: await things.session() },
  ]),
  trial('Mutation.startPasskeyRegistration', 'themselves', async () => [
    'mutation { startPasskeyRegistration { token } }',
  ]),
  trial('Mutation.finishPasskeyRegistration', "the owner's challenge", async (things) => [
    'mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) { id name } }',
    { input: { ...(await things.newPasskey()), name: 'another' } },
  ]),
  trial('Mutation.removePasskey', "the owner's passkey", async (things) => [
    'mutation ($id: ID!) { removePasskey(id: $id) { id } }',
    { id: await things.passkey() },
  ]),
  trial('Mutation.startPasskeySignIn', 'nobody yet', async () => ['mutation { startPasskeySignIn { token options } }']),
  trial('Mutation.completePasskeySignIn', "the owner's passkey", async (things) => [
    'mutation ($input: CompletePasskeySignInInput!) { completePasskeySignIn(input: $input) { user { email } } }',
    { input: await things.passkeySignIn() },
  ]),
  trial('User.secondFactors', "the owner's", async () => ['{ user(username: "owner") { secondFactors { method } } }']),
  trial('Query.rememberedDevices', 'themselves', async () => ['{ rememberedDevices { id } }']),
  trial('Mutation.forgetDevice', 'no device', async () => [
    'mutation ($id: ID!) { forgetDevice(id: $id) { id } }',
    { id: nobody },
  ]),
  trial('Mutation.startSecondFactor', 'themselves', async () => [
    'mutation { startSecondFactor(method: TOTP) { method } }',
  ]),
  trial('Mutation.confirmSecondFactor', 'no enrolment', async () => [
    'mutation { confirmSecondFactor(input: { enrolmentToken: "none", code: "123456" }) { recoveryCodes } }',
  ]),
  trial('Mutation.completeSecondFactor', 'no challenge', async () => [
    'mutation { completeSecondFactor(input: { challengeToken: "none", method: TOTP, code: "123456" }) { tokenType } }',
  ]),
  trial('Mutation.resendSecondFactorCode', 'no challenge', async () => [
    'mutation { resendSecondFactorCode(challengeToken: "none") { methods } }',
  ]),
  trial('Mutation.disableSecondFactor', 'by a wrong password', async () => [
    'mutation { disableSecondFactor(input: { method: TOTP, password: "a wrong guess" }) { id } }',
  ]),
  trial('Mutation.regenerateRecoveryCodes', 'by a wrong password', async () => [
    'mutation { regenerateRecoveryCodes(password: "a wrong guess") }',
  ]),
  trial('Mutation.setUserRole', 'another user', async (things) => [setRole, { id: await things.newUser() }]),
  trial('Mutation.setUserRole', 'the last admin', async (things) => [setRole, { id: await things.adminId() }]),
  trial('Mutation.setUserRole', 'nobody', async () => [setRole, { id: nobody }]),
  trial('Mutation.setUserActive', 'another user', async (things) => [setActive, { id: await things.newUser() }]),
  trial('Mutation.setUserActive', 'the last admin', async (things) => [setActive, { id: await things.adminId() }]),
  trial('Mutation.setUserActive', 'nobody', async () => [setActive, { id: nobody }]),
  trial('Mutation.revokeUserSessions', 'another user', async (things) => [
    revokeSessions,
    { id: await things.newUser() },
  ]),
  trial('Mutation.revokeUserSessions', 'nobody', async () => [revokeSessions, { id: nobody }]),
  trial('Mutation.blacklistToken', "the owner's token", async (things) => [
    blacklist,
    { jti: jtiOf(await things.tokens()) },
  ]),
  trial('Mutation.blacklistToken', 'no token', async () => [blacklist, { jti: nobody }]),
  trial('Mutation.createPost', 'a new post', async () => [
    'mutation { createPost(input: { title: "a title", body: "a text" }) { id } }',
  ]),
  trial('Mutation.updatePost', 'a published post', async (things) => [update, { id: await things.published() }]),
  trial('Mutation.updatePost', 'a draft', async (things) => [update, { id: await things.draft() }]),
  trial('Mutation.updatePost', 'no post', async () => [update, { id: nobody }]),
  trial('Mutation.deletePost', 'a published post', async (things) => [remove, { id: await things.published() }]),
  trial('Mutation.deletePost', 'a draft', async (things) => [remove, { id: await things.draft() }]),
  trial('Mutation.deletePost', 'no post', async () => [remove, { id: nobody }]),
];
