import type { EntityManager } from '@mikro-orm/sql';
import {
  type Revocation,
  type RevocationCause,
  revocationMatrix,
} from '../../src/modules/auth/revocation/revocation-matrix.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Pair, passwordOf, type TestClient } from '../support/client.js';
import {
  createTestDatabase,
  ordinaryDatabaseKinds,
  type TestDatabase,
  type TestDatabaseKind,
} from '../support/databases.js';
import { FakeClock } from '../support/fake-clock.js';
import { tokenIn } from '../support/mails.js';
import { keysCommandOn, kidIn, kidOf, managed, soon } from './keys/support.js';
import { begin, challengeOf, confirmWith, mailedCode, switchOnTotp, tryCode } from './second-factors/support.js';
import { minute } from './support.js';

/**
 * What a cause is tried on: somebody with two sessions, a sign-in that waits for a second factor, a link in the mail and a
 * device that is remembered.
 */
interface Scene {
  readonly one: TestApp;
  readonly clock: FakeClock;
  readonly admin: TestClient;
  readonly user: { readonly id: string; readonly username: string };
  readonly client: TestClient;
  readonly pair: Pair;
  readonly sessionId: string;
  readonly recoveryCodes: readonly string[];
  readonly deviceToken: string | null;
}

type Act = (scene: Scene) => Promise<unknown>;

/** A change of the user's row together with what the code does about it, as one transaction. */
function change(cause: RevocationCause, assignment: string): Act {
  return ({ one, user, sessionId }) =>
    one.app.database.fork().transactional(async (tx: EntityManager) => {
      await tx.execute(`set local postern.own_session = '${sessionId}'`);
      if (assignment) await tx.execute(`update users set ${assignment} where id = '${user.id}'`);
      await one.app.services.revoker.revoke(tx, cause, { userId: user.id, sessionId }, nobody);
    });
}

const nobody = { actorId: null, ipAddress: null, userAgent: null };

/** Each cause as a client, or else a hand in the code, brings it about. */
const acts: Record<RevocationCause, Act> = {
  LOGGED_OUT: ({ client }) => client.data('mutation { logout { sessionsEnded } }'),
  LOGGED_OUT_EVERYWHERE: ({ client }) => client.data('mutation { logout(all: true) { sessionsEnded } }'),
  SESSION_REVOKED: ({ client, sessionId }) =>
    client.data('mutation ($id: ID!) { revokeSession(id: $id) { id } }', { id: sessionId }),
  TOKEN_REVOKED: ({ client, pair }) =>
    client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token: pair.refreshToken }),
  TOKEN_BLACKLISTED: ({ admin, pair }) =>
    admin.data('mutation ($jti: ID!) { blacklistToken(jti: $jti) { jti } }', {
      jti: claimsOf(pair.refreshToken)['jti'],
    }),
  TOKEN_REUSED: async ({ one, client, pair, clock }) => {
    clock.advance(20_000);
    const { errors } = await one.client().refresh(String(client.headers['x-first-token']));
    expect(errors[0]?.extensions.reason).toBe('REUSED');
    expect(pair.refreshToken).not.toBe(client.headers['x-first-token']);
  },
  SESSIONS_REVOKED: ({ admin, user }) =>
    admin.data('mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }', { id: user.id }),
  PASSWORD_CHANGED: async ({ client, user, pair }) => {
    const input = { currentPassword: passwordOf(user.username), newPassword: 'another long sentence' };
    const { changePassword } = await client.data<{ changePassword: Pair }>(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { refreshToken } }',
      { input },
    );
    // The refresh token that stays is the one in answer.
    Object.assign(pair, changePassword);
  },
  PASSWORD_RESET: async ({ one, user }) => {
    const lifetime = minute;
    const purpose = 'PASSWORD_RESET';
    const em = one.app.database.fork();
    const token = await one.app.services.oneTimeTokens.issue(em, { userId: user.id, purpose, lifetime });
    const input = { token, newPassword: 'another long sentence' };
    await one.client().data('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input });
  },
  DISAVOWED: async ({ one, user }) => {
    const facts = { ipAddress: '192.0.2.1', userAgent: null };
    const notified = { ...user, email: `${user.username}@example.com`, emailVerifiedAt: null };
    await one.app.services.notifier.notify(one.app.database.fork(), notified, 'newDevice', facts, {});
    const [mail] = (await one.mailsTo(notified.email)).filter(({ subject }) => /new device/.test(subject));
    const token = tokenIn(mail ?? { text: '' });
    await one.client().data('mutation ($token: String!) { disavow(token: $token) }', { token });
  },
  EMAIL_CHANGED: async ({ one, user }) => {
    const lifetime = minute;
    const data = { newEmail: `new-${user.username}@example.com` };
    const em = one.app.database.fork();
    const { oneTimeTokens } = one.app.services;
    const token = await oneTimeTokens.issue(em, { userId: user.id, purpose: 'EMAIL_CHANGE', lifetime, data });
    await one.client().data('mutation ($token: String!) { verifyEmail(token: $token) { id } }', { token });
  },
  ROLE_CHANGED: ({ admin, user }) =>
    admin.data('mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { id } }', { id: user.id }),
  DEACTIVATED: ({ admin, user }) =>
    admin.data('mutation ($id: ID!) { setUserActive(id: $id, active: false) { id } }', { id: user.id }),
  DELETED: ({ client, user }) =>
    client.data('mutation ($password: String!) { deleteAccount(password: $password) }', {
      password: passwordOf(user.username),
    }),
  SECOND_FACTOR_CHANGED: async ({ one, client, user }) => {
    const { enrolmentToken } = await begin(client, 'EMAIL');
    await confirmWith(client, enrolmentToken, await mailedCode(one, user.username));
  },
  PASSKEY_REMOVED: change('PASSKEY_REMOVED', ''),
};

const causes = Object.entries(revocationMatrix).filter(([cause]) => cause in acts) as [RevocationCause, Revocation][];

const columns = [
  'refreshToken',
  'accessToken',
  'otherSessions',
  'challenges',
  'mailTokens',
  'rememberedDevices',
] as const;
type Column = (typeof columns)[number];
/** What came of a cause. */
interface Outcome {
  readonly events: readonly string[];
  readonly fates: Fates;
  /** Until the access token was refused; null if it was not. */
  readonly milliseconds: number | null;
}

type Fates = Readonly<Record<Column, 'ends' | 'stays'>>;

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

async function isRefused(client: TestClient): Promise<boolean> {
  const { errors } = await client.query('{ me { id } }');
  return errors.length > 0;
}

/** Signs in with a second factor. */
async function signInWith(instance: TestApp, username: string, code: string, more: object = {}): Promise<Completed> {
  const waiting = await challengeOf(instance.client(), username);
  const input = { challengeToken: waiting.challengeToken, method: 'RECOVERY_CODE', code, ...more };
  const { completeSecondFactor } = await instance.client().data<{ completeSecondFactor: Completed }>(
    `mutation ($input: CompleteSecondFactorInput!) { completeSecondFactor(input: $input) {
      accessToken refreshToken accessTokenExpiresAt refreshTokenExpiresAt user { id username } deviceToken } }`,
    { input },
  );
  return completeSecondFactor;
}

type Completed = Pair & { readonly deviceToken: string | null };

/** Whether a device needs no second factor. */
async function isRemembered(instance: TestApp, username: string, deviceToken: string | null): Promise<boolean> {
  const { data } = await instance
    .client()
    .query<{ obtainToken: { __typename: string } } | null>(
      'mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }',
      { input: { username, password: passwordOf(username), deviceToken } },
    );
  return data?.obtainToken.__typename === 'TokenPair';
}

const fate = (alive: unknown): 'ends' | 'stays' => (alive ? 'stays' : 'ends');

describe.each(ordinaryDatabaseKinds)('the revocation matrix, on %s', (kind: TestDatabaseKind) => {
  const clock = new FakeClock();
  let database: TestDatabase;
  let one: TestApp;
  let two: TestApp;
  let admin: TestClient;
  let users = 0;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    one = await createTestApp(kind, { database, clock });
    // The embedded database is one process's alone: there the one instance is its own witness.
    two = kind === 'postgres' ? await createTestApp(kind, { database, clock }) : one;
    admin = one.client();
    await admin.register('root');
    await one.app.database.fork().execute("update users set role = 'ADMIN' where username = 'root'");
  });
  afterAll(async () => {
    await one.stop();
    if (two !== one) await two.stop();
    await database.drop();
  });

  /** The time until the other instance refuses; null if it still accepts once it has heard of all that was committed. */
  async function timeToRefusal(client: TestClient): Promise<number | null> {
    const start = performance.now();
    const [here, there] = [one.client(), two.client()];
    await here.signIn('root');
    there.token = here.token;
    await here.data('mutation { logout { sessionsEnded } }');
    for (;;) {
      const heard = await isRefused(there);
      if (await isRefused(client)) return performance.now() - start;
      if (heard) return null;
    }
  }

  async function prepare(): Promise<Scene> {
    clock.advance(minute);
    const client = one.client();
    const user = await client.register(`user${++users}`);
    await client.signIn(user.username);
    const { recoveryCodes } = await switchOnTotp(one, client);
    const first = await signInWith(one, user.username, String(recoveryCodes[0]), { rememberDevice: true });
    const refreshed = await client.refresh(first.refreshToken);
    const pair = refreshed.data?.refreshToken ?? first;
    client.token = pair.accessToken;
    client.headers = { 'x-first-token': first.refreshToken };
    await admin.signIn('root');
    return {
      one,
      clock,
      admin,
      user,
      client,
      pair,
      sessionId: String(claimsOf(pair.accessToken)['sid']),
      recoveryCodes,
      deviceToken: first.deviceToken,
    };
  }

  /** The types of a user's events, in the order in which they were sealed. */
  async function eventsOf(userId: string): Promise<string[]> {
    const rows: { type: string }[] = await one.app.database.fork().execute(
      `select type from security_events e join security_event_seals s on s.event_id = e.id
        where user_id = '${userId}' order by position`,
    );
    return rows.map(({ type }) => type);
  }

  /** Brings the cause about on one instance and tries on the other what is left. */
  async function tryOut(act: Act): Promise<Outcome> {
    const scene = await prepare();
    const [, second = '', third = ''] = scene.recoveryCodes;
    const { id: userId, username } = scene.user;
    const other = await signInWith(one, username, second);
    const { oneTimeTokens } = one.app.services;
    const em = one.app.database.fork();
    const waiting = await challengeOf(one.client(), username);
    const link = await oneTimeTokens.issue(em, { userId, purpose: 'PASSWORD_RESET', lifetime: 60 * minute });
    const before = await eventsOf(userId);
    await act(scene);

    const there = two.client();
    there.token = scene.pair.accessToken;
    const milliseconds = await timeToRefusal(there);
    const alive = {
      accessToken: milliseconds === null,
      challenges: (await tryCode(two.client(), waiting, 'RECOVERY_CODE', third)).errors.length === 0,
      mailTokens: await two.app.services.oneTimeTokens.consume(two.app.database.fork(), link, 'PASSWORD_RESET'),
      otherSessions: (await two.client().refresh(other.refreshToken)).errors.length === 0,
      refreshToken: (await two.client().refresh(scene.pair.refreshToken)).errors.length === 0,
      rememberedDevices: await isRemembered(two, username, scene.deviceToken),
    };
    const fates = {
      refreshToken: fate(alive.refreshToken),
      accessToken: fate(alive.accessToken),
      otherSessions: fate(alive.otherSessions),
      challenges: fate(alive.challenges),
      mailTokens: fate(alive.mailTokens),
      rememberedDevices: fate(alive.rememberedDevices),
    };
    return { events: (await eventsOf(userId)).slice(before.length), fates, milliseconds };
  }

  describe.each(causes)('%s', (cause, expected) => {
    let outcome: Outcome;

    beforeAll(async () => {
      outcome = await tryOut(acts[cause]);
    });

    test.each(columns)('%s', (column) => {
      expect(outcome.fates[column]).toBe(expected[column]);
    });

    test('an access token that ends is dead on the other instance within a second', () => {
      if (expected.accessToken === 'ends') expect(outcome.milliseconds).toBeLessThan(1_000);
      else expect(outcome.milliseconds).toBeNull();
    });

    test('is recorded once as a security event', () => {
      expect(outcome.events.filter((type) => type === expected.event)).toHaveLength(1);
    });
  });

  test.each([
    ['PASSWORD_RESET', 'password_changed_at = now()'],
    ['DEACTIVATED', 'is_active = false'],
    ['EMAIL_CHANGED', "email = 'by-hand-' || email"],
    ['ROLE_CHANGED', "role = 'ADMIN'"],
  ] as const)('%s by a hand in psql ends the same', async (cause, assignment) => {
    const { fates } = await tryOut(({ user }) =>
      one.app.database.fork().execute(`update users set ${assignment} where id = '${user.id}'`),
    );
    const { title: _title, event: _event, of: _of, ...expected } = revocationMatrix[cause];
    expect(fates).toEqual(expected);
  });
});

describe('a key that retires, in the revocation matrix', () => {
  const expected: Revocation = revocationMatrix.KEY_RETIRED;
  const clock = new FakeClock();
  let database: TestDatabase;
  let one: TestApp;
  let two: TestApp;
  let outcome: { fates: Fates; milliseconds: number };

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    one = await createTestApp('postgres', { database, clock, env: managed });
    two = await createTestApp('postgres', { database, clock, env: managed });
    const keys = keysCommandOn(database, clock);
    const { oneTimeTokens } = one.app.services;
    const em = one.app.database.fork();
    const owner = one.client();
    const { id: userId } = await owner.register('alice');
    await one.client().register('bob');
    await owner.signIn('alice');
    const { recoveryCodes } = await switchOnTotp(one, owner);
    const [first = '', second = '', third = ''] = recoveryCodes;
    const link = await oneTimeTokens.issue(em, { userId, purpose: 'PASSWORD_RESET', lifetime: minute });

    const before = await signInWith(one, 'alice', first, { rememberDevice: true });
    const waiting = await challengeOf(one.client(), 'alice');
    const next = kidIn(await keys('generate'));
    await keys('activate', next, '--now');
    await soon(async () => kidOf((await one.client().signIn('bob')).accessToken) === next);
    const after = await signInWith(one, 'alice', second);
    await keys('retire', kidOf(before.accessToken) ?? '', '--now');

    const there = two.client();
    there.token = before.accessToken;
    const milliseconds = await soon(() => isRefused(there));
    outcome = {
      milliseconds,
      fates: {
        accessToken: 'ends',
        refreshToken: fate((await two.client().refresh(before.refreshToken)).errors.length === 0),
        otherSessions: fate((await two.client().refresh(after.refreshToken)).errors.length === 0),
        challenges: fate((await tryCode(two.client(), waiting, 'RECOVERY_CODE', third)).errors.length === 0),
        mailTokens: fate(await oneTimeTokens.consume(em, link, 'PASSWORD_RESET')),
        rememberedDevices: fate(await isRemembered(two, 'alice', before.deviceToken)),
      },
    };
  });
  afterAll(async () => {
    await one.stop();
    await two.stop();
    await database.drop();
  });

  test.each(columns)('%s', (column) => {
    expect(outcome.fates[column]).toBe(expected[column]);
  });

  test('an access token that ends is dead on the other instance within a second', () => {
    expect(outcome.milliseconds).toBeLessThan(1_000);
  });

  test('is recorded as a security event', async () => {
    const events = await one.app.database
      .fork()
      .execute("select 1 from security_events where type = 'signing_key_retired'");
    // Once when another key took its place, and once when it was ended before its time.
    expect(events).toHaveLength(2);
  });
});
