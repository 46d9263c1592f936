import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { stringify } from 'uuid';
import { createTestApp, type TestApp, type TestAppOptions } from '../../support/app.js';
import type { Answer, Pair, TestClient } from '../../support/client.js';
import { testDatabaseKinds } from '../../support/databases.js';
import { challengeOf, switchOnTotp } from '../second-factors/support.js';
import { appOfTest, codeOf, minute, reasonOf } from '../support.js';
import { type Authenticator, type Forgery, flags } from './authenticator.js';
import {
  addPasskey,
  appOrigin,
  authenticator,
  completingSignIn,
  env,
  newcomer,
  passkeysOf,
  remove,
  signInBy,
  startingSignIn,
} from './support.js';

type SignInAnswer = Answer<{ completePasskeySignIn: Pair } | null>;

function claimsOf({ data }: SignInAnswer): Record<string, unknown> {
  const token = data?.completePasskeySignIn.accessToken ?? '';
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe.each(testDatabaseKinds)('signing in by passkey, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env });
  });
  afterAll(() => instance.stop());

  const execute = async (statement: string, parameters: unknown[] = []) => {
    const rows: Record<string, unknown>[] = await instance.app.database.fork().execute(statement, parameters);
    return rows;
  };
  const eventsOf = async (username: string) => {
    const rows = await execute(
      'select e.type from security_events e join security_event_seals s on s.event_id = e.id join users u on u.id = e.user_id where u.username = ? order by s.position',
      [username],
    );
    return rows.map(({ type }) => type);
  };
  const sessionsOf = async (username: string) =>
    (await execute('select 1 from sessions s join users u on u.id = s.user_id where u.username = ?', [username]))
      .length;

  /** Somebody with a passkey. */
  const withPasskey = async (own: Authenticator = authenticator()) => {
    const client = await newcomer(instance);
    const passkey = await addPasskey(client, own);
    return { client, own, passkey, username: client.username };
  };

  test('asks for any passkey of this server that verifies its user', async () => {
    const { token, options, expiresAt } = await startingSignIn(instance.client());
    expect(options).toEqual({
      challenge: token,
      rpId: 'postern.example.com',
      userVerification: 'required',
      timeout: 5 * minute,
    });
    expect(Date.parse(expiresAt)).toBe(instance.clock.now() + 5 * minute);
  });

  test('is enough alone where a second factor is on, which the password would ask for', async () => {
    const { client, own, username } = await withPasskey();
    await switchOnTotp(instance, client);
    expect((await challengeOf(instance.client(), username)).methods).toEqual(['TOTP', 'RECOVERY_CODE']);
    const answer = await signInBy(instance.client(), own);
    expect(claimsOf(answer)['amr']).toEqual(['hwk', 'user', 'mfa']);
  });

  test('keeps nothing of a sign-in that was only begun', async () => {
    instance.takeStatements();
    await startingSignIn(instance.client());
    expect(instance.takeStatements()).toEqual([]);
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('opens a session for a signature of %s', async (algorithm) => {
    const { own, passkey, username, client } = await withPasskey(authenticator(algorithm));
    instance.clock.advance(1_000);
    const answer = await signInBy(instance.client(), own);
    expect(answer.data?.completePasskeySignIn.user.username).toBe(username);
    expect(claimsOf(answer)).toMatchObject({
      amr: ['hwk', 'user', 'mfa'],
      auth_time: instance.clock.now() / 1_000,
    });
    const now = new Date(instance.clock.now()).toISOString();
    expect(await passkeysOf(client)).toEqual([{ ...passkey, lastUsedAt: now }]);
    const { me } = await client.data<{ me: { lastLoginAt: string } }>('{ me { lastLoginAt } }');
    expect(me.lastLoginAt).toBe(now);
    expect((await eventsOf(username)).at(-1)).toBe('signed_in');
    const refreshed = await instance.client().refresh(answer.data?.completePasskeySignIn.refreshToken ?? '');
    expect(codeOf(refreshed)).toBe('OK');
  });

  test('is recent enough to change passkeys', async () => {
    const { own, passkey } = await withPasskey();
    instance.clock.advance(60 * minute);
    const client = instance.client();
    client.token = (await signInBy(client, own)).data?.completePasskeySignIn.accessToken ?? null;
    expect(await client.data(remove, { id: passkey.id })).toBeTruthy();
  });

  test('is told to the user where it is from a new device', async () => {
    const { own, username } = await withPasskey();
    const abroad = instance.client('198.51.100.77');
    abroad.headers = { 'user-agent': 'a browser of its own' };
    expect(codeOf(await signInBy(abroad, own))).toBe('OK');
    const subjects = (await instance.mailsTo(`${username}@example.com`)).map(({ subject }) => subject);
    expect(subjects).toContain('A sign-in to Postern from a new device');
  });

  test('delivers the refresh token as a cookie where it is asked to', async () => {
    const { own } = await withPasskey();
    const client = instance.client();
    const challenge = await startingSignIn(client);
    const { data, headers } = await completingSignIn(client, challenge, own.get(challenge.options), { cookie: true });
    expect(data?.completePasskeySignIn.refreshToken).toBeNull();
    expect(String(headers['set-cookie'])).toMatch(/^postern_refresh=.+HttpOnly/);
  });

  test('keeps whether the passkey is backed up by now', async () => {
    const { own, client } = await withPasskey();
    const usual = flags.present | flags.verified;
    await signInBy(instance.client(), own, { flags: usual | flags.eligible | flags.backedUp });
    expect((await passkeysOf(client))[0]?.backedUp).toBe(true);
  });

  test('works from an app below the host of PUBLIC_URL', async () => {
    const { own } = await withPasskey();
    expect(codeOf(await signInBy(instance.client(), own, { origin: appOrigin }))).toBe('OK');
  });

  describe('opens one session for one answer', () => {
    test('of fifty parallel tries', async () => {
      const { own, username } = await withPasskey(authenticator('ES256', 7));
      const before = await sessionsOf(username);
      const challenge = await startingSignIn(instance.client());
      const response = own.get(challenge.options);
      const tries = Array.from({ length: 50 }, (_, index) =>
        completingSignIn(instance.client(`198.51.100.${index}`), challenge, response),
      );
      const outcomes = (await Promise.all(tries)).map(reasonOf);
      expect(outcomes.filter((outcome) => outcome === 'OK')).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['OK', 'REVOKED']));
      expect(await sessionsOf(username)).toBe(before + 1);
    });

    test('also after the password has changed, which ends all links and challenges', async () => {
      const { own, username } = await withPasskey();
      const challenge = await startingSignIn(instance.client());
      const response = own.get(challenge.options);
      expect(codeOf(await completingSignIn(instance.client(), challenge, response))).toBe('OK');
      await execute('update users set password_changed_at = now() where username = ?', [username]);
      expect(reasonOf(await completingSignIn(instance.client(), challenge, response))).toBe('REVOKED');
    });

    test('also after its time is over and the flush has been', async () => {
      const { own } = await withPasskey();
      const challenge = await startingSignIn(instance.client());
      const response = own.get(challenge.options);
      expect(codeOf(await completingSignIn(instance.client(), challenge, response))).toBe('OK');
      instance.clock.advance(5 * minute);
      await instance.app.services.flush.flush(instance.app.database.fork());
      expect(reasonOf(await completingSignIn(instance.client(), challenge, response))).toBe('EXPIRED');
    });
  });

  describe('refuses a challenge', () => {
    const outcome = async (change: (token: string) => string) => {
      const { own } = await withPasskey();
      const challenge = await startingSignIn(instance.client());
      const token = change(challenge.token);
      return reasonOf(await completingSignIn(instance.client(), { token }, own.get({ challenge: token })));
    };

    test.each([
      ['that is none', () => 'garbage', 'MALFORMED'],
      ['of nothing', () => '', 'MALFORMED'],
      ['whose time was put off', (token: string) => changed(token, 7), 'MALFORMED'],
      ['with other random bytes', (token: string) => changed(token, 20), 'MALFORMED'],
      ['with another MAC', (token: string) => changed(token, 71), 'MALFORMED'],
      ['that is as it was', (token: string) => token, 'OK'],
    ])('%s', async (_title, change, reason) => {
      expect(await outcome(change)).toBe(reason);
    });

    test('that was for adding a passkey', async () => {
      const { own, client } = await withPasskey();
      const { startPasskeyRegistration: challenge } = await client.data<{
        startPasskeyRegistration: { token: string };
      }>('mutation { startPasskeyRegistration { token } }');
      const response = own.get({ challenge: challenge.token });
      expect(reasonOf(await completingSignIn(instance.client(), challenge, response))).toBe('MALFORMED');
    });
  });

  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const forgeries: [string, Forgery][] = [
    ['a wrong signature', { key: stranger }],
    ['another origin', { origin: 'https://evil.example.com' }],
    ['an allowed origin on another host', { origin: 'https://elsewhere.example.com' }],
    ['a frame in a page of another origin', { crossOrigin: true }],
    ['another relying party', { rpId: 'example.com' }],
    ['another challenge', { challenge: Buffer.alloc(72).toString('base64url') }],
    ['the other ceremony', { type: 'webauthn.create' }],
    ['no user verification', { flags: flags.present }],
    ['no user', { flags: flags.verified }],
    ['a backup that cannot be', { flags: 0x05 | flags.backedUp }],
    ['another user', { userHandle: Buffer.alloc(16).toString('base64url') }],
  ];

  test.each(forgeries)('refuses %s like a wrong password, and records it', async (_title, forgery) => {
    const { own, username } = await withPasskey();
    const before = await sessionsOf(username);
    const { errors } = await signInBy(instance.client(), own, forgery);
    expect(errors[0]).toMatchObject({
      message: 'No active account matches these credentials.',
      extensions: { code: 'INVALID_CREDENTIALS' },
    });
    expect((await eventsOf(username)).at(-1)).toBe('sign_in_failed');
    expect(await sessionsOf(username)).toBe(before);
    // And counts nothing against the passkey itself.
    expect(codeOf(await signInBy(instance.client(), own))).toBe('OK');
  });

  test('answers the same to an unknown passkey, a removed one and an inactive account', async () => {
    const removed = await withPasskey();
    await removed.client.data(remove, { id: removed.passkey.id });
    const inactive = await withPasskey();
    await execute('update users set is_active = false where username = ?', [inactive.username]);
    const unknown = authenticator();
    unknown.create({ challenge: 'A', user: { id: Buffer.alloc(16).toString('base64url') } });
    const answers = [];
    for (const own of [unknown, removed.own, inactive.own])
      answers.push((await signInBy(instance.client(), own)).errors);
    const [error] = answers[0] ?? [];
    expect(error?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
    expect(answers).toEqual([[error], [error], [error]]);
    expect((await eventsOf(inactive.username)).at(-1)).toBe('sign_in_failed');
  });

  describe('looks at the counter', () => {
    test('which goes on with each use', async () => {
      const { own, passkey } = await withPasskey(authenticator('ES256', 7));
      expect(codeOf(await signInBy(instance.client(), own))).toBe('OK');
      expect(codeOf(await signInBy(instance.client(), own))).toBe('OK');
      const [row] = await execute('select counter from passkeys where id = ?', [passkey.id]);
      expect(Number(row?.['counter'])).toBe(9);
    });

    test.each([7, 6, 0])('and refuses and records a copy that counts %d', async (counter) => {
      const { own, username } = await withPasskey(authenticator('ES256', 7));
      expect(codeOf(await signInBy(instance.client(), own, { counter }))).toBe('INVALID_CREDENTIALS');
      expect((await eventsOf(username)).slice(-2).sort()).toEqual(['passkey_copied', 'sign_in_failed']);
    });

    test('but believes none that is not signed', async () => {
      const { own, username } = await withPasskey(authenticator('ES256', 7));
      await signInBy(instance.client(), own, { counter: 3, key: stranger });
      expect(await eventsOf(username)).not.toContain('passkey_copied');
    });

    test('of parallel uses, which get through in the order that it says', async () => {
      const { own, username } = await withPasskey(authenticator('ES256', 7));
      const before = await sessionsOf(username);
      const responses = [];
      for (let count = 0; count < 4; count++) {
        const challenge = await startingSignIn(instance.client());
        responses.push({ challenge, response: own.get(challenge.options, { counter: 100 }) });
      }
      const answers = await Promise.all(
        responses.map(({ challenge, response }) => completingSignIn(instance.client(), challenge, response)),
      );
      expect(answers.map(codeOf).filter((code) => code === 'OK')).toHaveLength(1);
      expect(await sessionsOf(username)).toBe(before + 1);
    });
  });

  test('is limited like sign-ins by password, by passkey and address', async () => {
    const { own } = await withPasskey();
    const client = instance.client('203.0.113.50');
    for (let count = 0; count < 10; count++) {
      expect(codeOf(await signInBy(client, own, { key: stranger }))).toBe('INVALID_CREDENTIALS');
    }
    const { errors } = await signInBy(client, own);
    expect(errors[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 300 });
    expect(codeOf(await signInBy(instance.client('203.0.113.51'), own))).toBe('OK');
  });

  test('takes no malformed answer for a fault of its own', async () => {
    const { own } = await withPasskey();
    const base64url = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value).toString('base64url'));
    const part = fc.oneof(base64url, fc.jsonValue(), fc.constant(undefined));
    const challenge = await startingSignIn(instance.client());
    const good = own.get(challenge.options);
    const response = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.record({ id: part, rawId: part, type: part, response: part }, { requiredKeys: [] }),
      fc
        .record(
          { clientDataJSON: part, authenticatorData: part, signature: part, userHandle: part },
          { requiredKeys: [] },
        )
        .map((parts) => ({ ...good, response: { ...good.response, ...parts } })),
      fc
        .tuple(fc.constantFrom('authenticatorData', 'signature', 'userHandle'), fc.nat(200), fc.nat(255))
        .map(([name, place, value]) => {
          const buffer = Buffer.from(String(good.response[name]), 'base64url');
          buffer[place % buffer.length] = value;
          return { ...good, response: { ...good.response, [name]: buffer.toString('base64url') } };
        }),
    );
    let address = 0;
    await fc.assert(
      fc.asyncProperty(response, async (value) => {
        const client = instance.client(`10.1.${(address >> 8) % 256}.${address++ % 256}`);
        const { errors } = await completingSignIn(client, challenge, value);
        const code = errors[0]?.extensions.code ?? 'OK';
        expect(code).toMatch(/^(BAD_USER_INPUT|BAD_REQUEST|INVALID_CREDENTIALS|OK|TOKEN_NOT_VALID|RATE_LIMITED)$/);
      }),
      { numRuns: 300 },
    );
  });

  describe('obeys', () => {
    const started = async (options: TestAppOptions) => {
      const other = await appOfTest(kind, options);
      const client: TestClient = other.client();
      const { id } = await client.register('alice');
      await other.app.database.fork().execute("update users set email_verified_at = now() where username = 'alice'");
      await client.signIn('alice');
      const own = authenticator();
      await addPasskey(client, own);
      return { other, own, id };
    };

    test('REQUIRE_VERIFIED_EMAIL, and counts that for no failure', async () => {
      const { other, own } = await started({ env: { ...env, REQUIRE_VERIFIED_EMAIL: 'true' } });
      expect(codeOf(await signInBy(other.client(), own))).toBe('OK');
      await other.app.database.fork().execute('update users set email_verified_at = null');
      for (let count = 0; count < 12; count++) {
        expect(codeOf(await signInBy(other.client(), own))).toBe('EMAIL_NOT_VERIFIED');
      }
      expect(codeOf(await signInBy(other.client(), own, { key: stranger }))).toBe('INVALID_CREDENTIALS');
    });

    test('the product’s own rule, adds its claims and tells its hooks', async () => {
      let admits = true;
      const heard: string[] = [];
      const { other, own } = await started({
        env,
        extensions: {
          userAuthenticationRule: () => admits,
          claims: () => ({ tenant: 'acme' }),
          onLoginSuccess: ({ username }) => void heard.push(`success ${username}`),
          onLoginFailed: ({ username }) => void heard.push(`failure ${username}`),
        },
      });
      heard.length = 0;
      expect(claimsOf(await signInBy(other.client(), own))).toMatchObject({ tenant: 'acme' });
      admits = false;
      expect(codeOf(await signInBy(other.client(), own))).toBe('INVALID_CREDENTIALS');
      expect(heard).toEqual(['success alice', 'failure alice']);
    });

    test('and says in the log why a passkey was refused, without anything secret', async () => {
      const lines: string[] = [];
      const { other, own } = await started({ env: { ...env, LOG_LEVEL: 'trace' }, log: (line) => lines.push(line) });
      const challenge = await startingSignIn(other.client());
      await completingSignIn(
        other.client(),
        challenge,
        own.get(challenge.options, { origin: 'https://evil.example.com' }),
      );
      expect(lines.join('')).toContain('neither that of PUBLIC_URL nor one of CORS_ORIGINS on its host');
      expect(lines.join('')).not.toContain(challenge.token);
    });
  });

  test('finds its user by the id that the authenticator was given', async () => {
    const { own, client } = await withPasskey();
    const { me } = await client.data<{ me: { id: string } }>('{ me { id } }');
    const response = own.get({ challenge: 'A' });
    expect(stringify(Buffer.from(String(response.response['userHandle']), 'base64url'))).toBe(me.id);
  });
});

/** The token with one bit of a byte changed. */
function changed(token: string, place: number): string {
  const bytes = Buffer.from(token, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  return bytes.toString('base64url');
}
