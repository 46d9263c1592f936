import fc from 'fast-check';
import { createTestApp, type TestApp } from '../../support/app.js';
import { passwordOf } from '../../support/client.js';
import { testDatabaseKinds } from '../../support/databases.js';
import { codeOf, minute, reasonOf } from '../support.js';
import { bytes, type Forgery, flags, map, text } from './authenticator.js';
import {
  addPasskey,
  appOrigin,
  authenticator,
  env,
  finishRegistration,
  newcomer,
  passkeysOf,
  remove,
  start,
  startRegistration,
} from './support.js';

const nobody = '00000000-0000-7000-8000-000000000000';

describe.each(testDatabaseKinds)('adding a passkey, on %s', (kind) => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env });
  });
  afterAll(() => instance.stop());

  const eventsOf = async (username: string) => {
    const rows: { type: string; detail: string }[] = await instance.app.database
      .fork()
      .execute(
        "select e.type, e.detail from security_events e join users u on u.id = e.user_id where u.username = ? and e.type like 'passkey%' order by e.id",
        [username],
      );
    return rows;
  };

  test('asks for a discoverable one that verifies its user, by any maker', async () => {
    const client = await newcomer(instance);
    const { token, options, expiresAt } = await startRegistration(client);
    expect(options).toMatchObject({
      challenge: token,
      rp: { id: 'postern.example.com', name: 'Postern' },
      user: { name: client.username, displayName: client.username },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: [],
      timeout: 5 * minute,
    });
    expect(Date.parse(expiresAt)).toBe(instance.clock.now() + 5 * minute);
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('takes a key of %s', async (algorithm) => {
    const client = await newcomer(instance);
    const passkey = await addPasskey(client, authenticator(algorithm), 'Laptop 💻');
    expect(passkey).toEqual({
      id: expect.any(String),
      name: 'Laptop 💻',
      backedUp: false,
      createdAt: new Date(instance.clock.now()).toISOString(),
      lastUsedAt: null,
    });
    expect(await passkeysOf(client)).toEqual([passkey]);
  });

  test('keeps whether it is backed up, and takes it from an app below the host of PUBLIC_URL', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const usual = flags.present | flags.verified | flags.attested;
    const response = authenticator().create(challenge.options, {
      origin: appOrigin,
      flags: usual | flags.eligible | flags.backedUp,
    });
    expect((await finishRegistration(client, challenge, response)).data?.finishPasskeyRegistration.backedUp).toBe(true);
  });

  test('tells authenticators that have one already, and lists the oldest first', async () => {
    const client = await newcomer(instance);
    const [first, second] = [authenticator(), authenticator()];
    await addPasskey(client, first, 'first');
    instance.clock.advance(1_000);
    await addPasskey(client, second, 'second');
    const { options } = await startRegistration(client);
    expect(options['excludeCredentials']).toEqual(
      [first, second].map(({ id }) => ({ type: 'public-key', id: id.toString('base64url'), transports: ['internal'] })),
    );
    expect((await passkeysOf(client)).map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('is recorded, and told to the user by mail with a way to take it back', async () => {
    const client = await newcomer(instance);
    const { id } = await addPasskey(client, authenticator(), 'Phone <3');
    expect(await eventsOf(client.username)).toEqual([{ type: 'passkey_added', detail: id }]);
    const mails = await instance.mailsTo(`${client.username}@example.com`);
    const notice = mails.find(({ subject }) => subject === 'A passkey was added at Postern');
    // Without what could begin a tag: the mail keeps of a name what cannot look like a link.
    expect(notice?.text).toContain('“Phone 3”');
    const [row]: { data: unknown }[] = await instance.app.database
      .fork()
      .execute("select data from one_time_tokens where purpose = 'DISAVOWAL' and data->>'removePasskey' = ?", [id]);
    expect(row?.data).toMatchObject({ email: `${client.username}@example.com` });
  });

  test('leaves the sessions of the user as they are', async () => {
    const client = await newcomer(instance);
    const other = instance.client();
    const { refreshToken } = await other.signIn(client.username);
    await addPasskey(client, authenticator());
    expect(codeOf(await other.refresh(refreshToken))).toBe('OK');
  });

  const forgeries: [string, Forgery][] = [
    ['from another origin', { origin: 'https://evil.example.com' }],
    ['from an allowed origin on another host', { origin: 'https://elsewhere.example.com' }],
    ['from a host that only ends alike', { origin: 'https://notpostern.example.com' }],
    ['from the same host without TLS', { origin: 'http://postern.example.com' }],
    ['from a frame in a page of another origin', { crossOrigin: true }],
    ['for another relying party', { rpId: 'example.com' }],
    ['for another challenge', { challenge: 'A'.repeat(43) }],
    ['of the other ceremony', { type: 'webauthn.get' }],
    ['without user verification', { flags: flags.present | flags.attested }],
    ['without a user', { flags: flags.verified | flags.attested }],
    ['without a credential', { flags: flags.present | flags.verified }],
    ['that is backed up but cannot be', { flags: 0x45 | flags.backedUp }],
  ];

  test.each(forgeries)('refuses one %s', async (_title, forgery) => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const { errors } = await finishRegistration(client, challenge, authenticator().create(challenge.options, forgery));
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'response'], message: expect.any(String) }],
    });
    expect(await passkeysOf(client)).toEqual([]);
    // A slip of the browser costs no second start.
    expect(codeOf(await finishRegistration(client, challenge, authenticator().create(challenge.options)))).toBe('OK');
  });

  test('refuses a key of an algorithm that was not asked for', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const response = authenticator('ES384').create(challenge.options);
    expect(codeOf(await finishRegistration(client, challenge, response))).toBe('BAD_USER_INPUT');
  });

  test('refuses one whose id is another’s', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const id = authenticator().id.toString('base64url');
    const response = { ...authenticator().create(challenge.options), id, rawId: id };
    expect(codeOf(await finishRegistration(client, challenge, response))).toBe('BAD_USER_INPUT');
  });

  test('does not look at statements about the maker, which could name addresses to be fetched', async () => {
    const client = await newcomer(instance);
    for (const format of ['packed', 'tpm', 'android-key', 'apple', 'unheard of']) {
      const challenge = await startRegistration(client);
      const statement = map([[text('x5c'), bytes(Buffer.from('no certificate'))]]);
      const response = authenticator().create(challenge.options, { attestation: { format, statement } });
      expect(codeOf(await finishRegistration(client, challenge, response))).toBe('OK');
    }
  });

  test('works once with a challenge, of parallel tries too', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => finishRegistration(client, challenge, authenticator().create(challenge.options))),
    );
    expect(answers.map(reasonOf).sort()).toEqual(['OK', 'REVOKED', 'REVOKED', 'REVOKED', 'REVOKED']);
    expect(await passkeysOf(client)).toHaveLength(1);
  });

  test.each([
    ['no token at all', async () => 'garbage', 'MALFORMED'],
    ['one that nobody was given', async () => 'A'.repeat(43), 'REVOKED'],
    ['somebody else’s', async () => (await startRegistration(await newcomer(instance))).token, 'MALFORMED'],
  ])('refuses %s', async (_title, token, reason) => {
    const client = await newcomer(instance);
    const given = await token();
    const response = authenticator().create({ challenge: given });
    expect(reasonOf(await finishRegistration(client, { token: given }, response))).toBe(reason);
  });

  test('refuses a challenge whose time is over, or that a log-out everywhere has ended', async () => {
    const client = await newcomer(instance);
    const late = await startRegistration(client);
    instance.clock.advance(5 * minute);
    expect(reasonOf(await finishRegistration(client, late, authenticator().create(late.options)))).toBe('EXPIRED');
    await client.signIn(client.username);
    const ended = await startRegistration(client);
    await client.data('mutation { logout(all: true) { sessionsEnded } }');
    await client.signIn(client.username);
    expect(reasonOf(await finishRegistration(client, ended, authenticator().create(ended.options)))).toBe('REVOKED');
  });

  test('needs a recent sign-in or the password', async () => {
    const client = await newcomer(instance);
    const { refreshToken } = await client.signIn(client.username);
    instance.clock.advance(11 * minute);
    const refreshed = await client.refresh(refreshToken);
    client.token = refreshed.data?.refreshToken.accessToken ?? null;
    expect((await client.error(start)).extensions.reason).toBe('SIGN_IN_TOO_OLD');
    expect((await client.error(start, { password: 'a wrong guess' })).extensions.code).toBe('INVALID_CREDENTIALS');
    expect(
      (await client.data(start, { password: passwordOf(client.username) }))['startPasskeyRegistration'],
    ).toBeTruthy();
  });

  test.each([
    ['with a NUL', 'a\0b'],
    ['of 257 characters', 'x'.repeat(257)],
    ['whose characters take long to put into their normal order', `a${'\u0301\u0316'.repeat(30_000)}`],
  ])('refuses what no password can be, and at once: one %s', async (_title, password) => {
    const client = await newcomer(instance);
    const began = performance.now();
    const { extensions } = await client.error(start, { password });
    expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['password'] }] });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('says one thing of a list of ways that is too long, however many of them are none', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const { response, ...credential } = authenticator().create(challenge.options);
    const answer = { ...credential, response: { ...response, transports: Array(10_000).fill(0) } };
    const { errors } = await finishRegistration(client, challenge, answer);
    expect(errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', 'response', 'response', 'transports'], message: 'must be 16 at most' }],
    });
  });

  test('refuses a passkey that is registered, to the same user or another', async () => {
    const own = authenticator();
    const client = await newcomer(instance);
    await addPasskey(client, own);
    for (const somebody of [client, await newcomer(instance)]) {
      const challenge = await startRegistration(somebody);
      const { errors } = await finishRegistration(somebody, challenge, own.create(challenge.options));
      expect(errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', issues: [{ path: ['input', 'response'] }] });
    }
  });

  test('begins thirty times an hour at most, for each addition and each removal sends a mail', async () => {
    const client = await newcomer(instance);
    for (let count = 0; count < 30; count++) await startRegistration(client);
    expect((await client.error(start)).extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 60 * 60 });
    instance.clock.advance(60 * minute);
    await client.signIn(client.username);
    await startRegistration(client);
  });

  test('ends at 20 passkeys, also when several arrive at once', async () => {
    const client = await newcomer(instance);
    for (let count = 0; count < 18; count++) await addPasskey(client, authenticator());
    const challenges = [];
    for (let count = 0; count < 4; count++) challenges.push(await startRegistration(client));
    const answers = await Promise.all(
      challenges.map((challenge) => finishRegistration(client, challenge, authenticator().create(challenge.options))),
    );
    expect(answers.map(codeOf).sort()).toEqual(['CONFLICT', 'CONFLICT', 'OK', 'OK']);
    expect(await passkeysOf(client)).toHaveLength(20);
    expect((await client.error(start)).extensions.code).toBe('CONFLICT');
  });

  test.each([
    ['no', ''],
    ['a blank', '  '],
    ['a long', 'x'.repeat(101)],
    ['a two-line', 'a\nb'],
  ])('refuses %s name', async (_title, name) => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const { errors } = await finishRegistration(client, challenge, authenticator().create(challenge.options), name);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['input', 'name'] }] });
  });

  test('takes no malformed answer for a fault of its own', async () => {
    const client = await newcomer(instance);
    const challenge = await startRegistration(client);
    const good = authenticator().create(challenge.options);
    const base64url = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value).toString('base64url'));
    const part = fc.oneof(base64url, fc.jsonValue(), fc.constant(undefined));
    const response = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.record({ id: part, rawId: part, type: part, response: part }, { requiredKeys: [] }),
      fc
        .record({ clientDataJSON: part, attestationObject: part, transports: part }, { requiredKeys: [] })
        .map((parts) => ({ ...good, response: { ...good.response, ...parts } })),
      // Valid at its beginning, so that the parsers beneath get to see it.
      fc.tuple(fc.nat(200), fc.nat(255)).map(([place, value]) => {
        const attestation = Buffer.from(String(good.response['attestationObject']), 'base64url');
        attestation[place % attestation.length] = value;
        return { ...good, response: { ...good.response, attestationObject: attestation.toString('base64url') } };
      }),
    );
    await fc.assert(
      fc.asyncProperty(response, async (value) => {
        const { errors } = await finishRegistration(client, challenge, value);
        expect(errors[0]?.extensions.code ?? 'OK').toMatch(/^(BAD_USER_INPUT|BAD_REQUEST|OK|TOKEN_NOT_VALID)$/);
      }),
      { numRuns: 300 },
    );
  });

  describe('and removing it', () => {
    test('ends all other sessions, is recorded and told by mail', async () => {
      const client = await newcomer(instance);
      const { id } = await addPasskey(client, authenticator(), 'lost');
      const other = instance.client();
      const { refreshToken } = await other.signIn(client.username);
      instance.clock.advance(1_000);
      expect(await client.data(remove, { id })).toEqual({ removePasskey: { id, name: 'lost' } });
      expect(await passkeysOf(client)).toEqual([]);
      expect(codeOf(await other.query('{ me { id } }'))).toBe('UNAUTHENTICATED');
      expect(codeOf(await other.refresh(refreshToken))).toBe('TOKEN_NOT_VALID');
      expect((await eventsOf(client.username)).at(-1)).toEqual({ type: 'passkey_removed', detail: id });
      const mails = await instance.mailsTo(`${client.username}@example.com`);
      expect(mails.at(-1)?.text).toContain('“lost” no longer signs in to your account. Other sessions have ended.');
    });

    test('finds only one’s own', async () => {
      const { id } = await addPasskey(await newcomer(instance), authenticator());
      const client = await newcomer(instance);
      for (const other of [id, nobody, 'no id']) {
        expect((await client.error(remove, { id: other })).extensions.code).toBe('NOT_FOUND');
      }
    });

    test('needs a recent sign-in or the password', async () => {
      const client = await newcomer(instance);
      const { id } = await addPasskey(client, authenticator());
      const { refreshToken } = await client.signIn(client.username);
      instance.clock.advance(11 * minute);
      client.token = (await client.refresh(refreshToken)).data?.refreshToken.accessToken ?? null;
      expect((await client.error(remove, { id })).extensions.reason).toBe('SIGN_IN_TOO_OLD');
      expect(await client.data(remove, { id, password: passwordOf(client.username) })).toBeTruthy();
    });
  });
});
