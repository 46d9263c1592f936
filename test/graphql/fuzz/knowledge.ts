import type { OneTimeTokenData } from '../../../src/modules/auth/one-time-tokens/one-time-token.service.js';
import type { OneTimeTokenPurpose } from '../../../src/modules/auth/one-time-tokens/one-time-token.types.js';
import { Authenticator } from '../../auth/passkeys/authenticator.js';
import type { TestApp } from '../../support/app.js';
import { passwordOf, type TestClient } from '../../support/client.js';
import type { Known } from './values.js';

const makeOwn = `mutation ($input: ObtainSlidingTokenInput!) {
  published: createPost(input: { title: "a quick fox", body: "a text" }) { id }
  draft: createPost(input: { title: "a draft", body: "quick", status: DRAFT }) { id }
  sliding: obtainSlidingToken(input: $input) { token }
  get: startPasskeySignIn { token options }
}`;
const startOwn = 'mutation { create: startPasskeyRegistration { token options } }';
const readOwn = '{ me { id } sessions { id } mySecurityEvents { edges { cursor } } posts { edges { cursor } } }';
const readAll = `{ users { edges { cursor } } securityEvents { edges { cursor node { id } } }
  outstandingTokens { edges { cursor node { jti } } } }`;

interface Identified {
  readonly id: string;
}

interface Challenge {
  readonly token: string;
  readonly options: { readonly challenge: string };
}

interface Made {
  readonly published: Identified;
  readonly draft: Identified;
  readonly sliding: { readonly token: string };
  readonly create: Challenge;
  readonly get: Challenge;
}

interface List {
  readonly edges: readonly { readonly cursor: string; readonly node?: Readonly<Record<string, string>> }[];
}

interface Own {
  readonly me: Identified;
  readonly sessions: readonly Identified[];
  readonly mySecurityEvents: List;
  readonly posts: List;
}

/** Ids, tokens, cursors and the like that are good just now: the account's own, and such as only admins are shown. */
export async function learn(instance: TestApp, username: string, admin: TestClient): Promise<Known> {
  const client = instance.client('192.0.2.7');
  const password = passwordOf(username);
  const { accessToken, refreshToken } = await client.signIn(username);
  const made = {
    ...(await client.data<Omit<Made, 'create'>>(makeOwn, { input: { username, password } })),
    ...(await client.data<Pick<Made, 'create'>>(startOwn)),
  };
  const own = await client.data<Own>(readOwn);
  const all = Object.values(await admin.data<Record<string, List>>(readAll));
  const links = await oneTimeTokens(instance, own.me.id, username);
  return {
    ids: [
      ...[own.me, made.published, made.draft, ...own.sessions].map(({ id }) => id),
      ...all.flatMap(({ edges }) => Object.values(edges[0]?.node ?? {})),
    ],
    usernames: [username, username.toUpperCase(), `${username}.new`],
    passwords: [password, password, 'another good horse'],
    tokens: [accessToken, refreshToken, made.sliding.token, made.create.token, made.get.token, ...links],
    cursors: [own.mySecurityEvents, own.posts, ...all].flatMap(({ edges }) =>
      edges.slice(0, 2).map(({ cursor }) => cursor),
    ),
    credentials: credentialsFor(instance, made),
  };
}

/** What each purpose remembers beside its token. */
function purposesOf(username: string): [OneTimeTokenPurpose, OneTimeTokenData][] {
  const email = `${username}@example.com`;
  return [
    ['EMAIL_VERIFICATION', { email }],
    ['EMAIL_CHANGE', { newEmail: `new.${email}` }],
    ['PASSWORD_RESET', { email }],
    ['DISAVOWAL', { email, emailVerified: true }],
    ['SIGN_IN_CHALLENGE', { methods: ['EMAIL', 'RECOVERY_CODE'], cookie: false, factorVersion: 0, counted: [] }],
    ['FACTOR_ENROLMENT', { method: 'EMAIL' }],
  ];
}

function oneTimeTokens({ app }: TestApp, userId: string, username: string): Promise<string[]> {
  const issued = purposesOf(username).map(([purpose, data]) =>
    app.services.oneTimeTokens.issue(app.database.fork(), { userId, purpose, lifetime: 600_000, data, attempts: 5 }),
  );
  return Promise.all(issued);
}

function credentialsFor({ config }: TestApp, { create, get }: Made): object[] {
  const { hostname, origin } = new URL(config.http.publicUrl);
  const authenticator = new Authenticator(origin, hostname);
  return [authenticator.create(create.options), authenticator.get(get.options)];
}
