import type { OneTimeTokenPurpose } from '../../src/modules/auth/one-time-tokens/one-time-token.types.js';
import { Authenticator } from '../auth/passkeys/authenticator.js';
import type { TestApp } from '../support/app.js';
import { type Pair, passwordOf, type TestClient } from '../support/client.js';

export const viewerNames = ['anonymous', 'stranger', 'owner', 'admin'] as const;

/** Who asks: nobody in particular, a signed-in user, the user whom the thing belongs to, an administrator. */
export type ViewerName = (typeof viewerNames)[number];

/** What an operation is tried on; each is made when it is asked for, and belongs to the owner. */
export interface Things {
  readonly client: TestClient;
  published(): Promise<string>;
  draft(): Promise<string>;
  /** Another session than the one that asks. */
  session(): Promise<string>;
  tokens(): Promise<Pair>;
  slidingToken(): Promise<string>;
  /** The id of a user who is nobody else's thing. */
  newUser(): Promise<string>;
  adminId(): Promise<string>;
  /** The token of a link in a mail to a user who is nobody else's thing. */
  link(purpose: OneTimeTokenPurpose): Promise<string>;
  newName(): string;
  /** The owner's, by its id. */
  passkey(): Promise<string>;
  /** What the owner's browser makes of a challenge: to add a passkey, and to sign in by one. */
  newPasskey(): Promise<PasskeyAnswer>;
  passkeySignIn(): Promise<PasskeyAnswer>;
}

interface PasskeyAnswer {
  readonly token: string;
  readonly response: object;
}

interface Challenge {
  readonly token: string;
  readonly options: { readonly challenge: string };
}

const createPost = 'mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }';

/** Makes the accounts of the matrix. */
export async function registerViewers(instance: TestApp): Promise<void> {
  await instance.client().register('stranger');
  await instance.client().register('owner');
  const input = { username: 'admin', email: 'admin@example.com', password: passwordOf('admin') };
  await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
}

const newName = (): string => `user${Math.random().toString(36).slice(2)}`;

/** A client of the viewer with a session of its own, and fresh things to try it on. */
export async function thingsFor(instance: TestApp, viewer: ViewerName): Promise<Things> {
  const client = instance.client();
  if (viewer !== 'anonymous') await client.signIn(viewer);
  const write = async (status: string): Promise<string> => {
    const owner = instance.client();
    await owner.signIn('owner');
    const { createPost: post } = await owner.data<{ createPost: { id: string } }>(createPost, {
      input: { title: 'a title', body: 'a text', status },
    });
    return post.id;
  };
  return {
    client,
    published: () => write('PUBLISHED'),
    draft: () => write('DRAFT'),
    session: async () => {
      const owner = instance.client();
      await owner.signIn('owner');
      const { sessions } = await owner.data<{ sessions: { id: string; current: boolean }[] }>(
        '{ sessions { id current } }',
      );
      return sessions.find(({ current }) => current)?.id ?? 'none';
    },
    tokens: () => instance.client().signIn('owner'),
    slidingToken: async () => {
      const { obtainSlidingToken } = await instance
        .client()
        .data<{ obtainSlidingToken: { token: string } }>(
          'mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { token } }',
          { input: { username: 'owner', password: passwordOf('owner') } },
        );
      return obtainSlidingToken.token;
    },
    newUser: async () => (await instance.client().register(newName())).id,
    adminId: async () => {
      const { user } = await client.data<{ user: { id: string } }>('{ user(username: "admin") { id } }');
      return user.id;
    },
    link: async (purpose) => {
      const { id: userId, username } = await instance.client().register(newName());
      const data = { email: `${username}@example.com` };
      const em = instance.app.database.fork();
      return instance.app.services.oneTimeTokens.issue(em, { userId, purpose, lifetime: 60_000, data });
    },
    newName,
    ...passkeysOfOwner(instance),
  };
}

/** Each by an authenticator of its own. */
function passkeysOfOwner(instance: TestApp): Pick<Things, 'passkey' | 'newPasskey' | 'passkeySignIn'> {
  const begin = async () => {
    const { hostname, origin } = new URL(instance.config.http.publicUrl);
    const [owner, authenticator] = [instance.client(), new Authenticator(origin, hostname)];
    await owner.signIn('owner');
    const { start } = await owner.data<{ start: Challenge }>(
      'mutation { start: startPasskeyRegistration { token options } }',
    );
    return { owner, authenticator, answer: { token: start.token, response: authenticator.create(start.options) } };
  };
  const add = async () => {
    const { owner, authenticator, answer } = await begin();
    const { finish } = await owner.data<{ finish: { id: string } }>(
      'mutation ($input: FinishPasskeyRegistrationInput!) { finish: finishPasskeyRegistration(input: $input) { id } }',
      { input: { ...answer, name: 'a passkey' } },
    );
    return { authenticator, id: finish.id };
  };
  return {
    passkey: async () => (await add()).id,
    newPasskey: async () => (await begin()).answer,
    passkeySignIn: async () => {
      const { authenticator } = await add();
      const { start } = await instance
        .client()
        .data<{ start: Challenge }>('mutation { start: startPasskeySignIn { token options } }');
      return { token: start.token, response: authenticator.get(start.options) };
    },
  };
}
