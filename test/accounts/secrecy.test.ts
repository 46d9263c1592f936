import * as passkeys from '../auth/passkeys/support.js';
import {
  begin,
  challengeOf,
  confirmWith,
  disable,
  mailedCode,
  regenerate,
  resend,
  totpCode,
  wrong,
} from '../auth/second-factors/support.js';
import { attempt, codeOf, execute, minute } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Pair, passwordOf } from '../support/client.js';
import { readMails } from '../support/mails.js';
import { RecordingClient } from '../support/recording-client.js';
import { linkTo, subjects, verifyEmail } from './support.js';

const address = 'alice@example.com';
const pair = '{ accessToken refreshToken deviceToken }';

describe('every flow, with the log at its most talkative', () => {
  const lines: string[] = [];
  const clients: RecordingClient[] = [];
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp('pglite', {
      log: (line) => lines.push(line),
      env: { ...passkeys.env, LOG_LEVEL: 'trace', JWT_AUTH_TOKEN_CLASSES: 'access,sliding' },
    });
  });
  afterAll(() => instance.stop());
  beforeEach(() => instance.clock.advance(minute));

  function newClient(): RecordingClient {
    const client = new RecordingClient(instance.app, `198.51.100.${clients.length + 1}`);
    clients.push(client);
    return client;
  }

  async function signedIn(
    username = 'alice',
    password = passwordOf(username),
  ): Promise<RecordingClient & { pair: Pair }> {
    const client = newClient();
    return Object.assign(client, { pair: await client.signIn(username, password) });
  }

  test('accounts: to register, verify, change the address and the password', async () => {
    const client = newClient();
    await client.register('alice');
    await client.register('bob');
    await client.error('mutation ($input: RegisterInput!) { register(input: $input) { id } }', {
      input: { username: 'alice', email: address, password: 'a password of a name that is taken' },
    });
    expect(codeOf(await attempt(client, 'alice', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    await client.signIn('alice');
    // Two mails of one instant would be in no order.
    instance.clock.advance(minute);
    await client.data('mutation { requestEmailVerification }');
    await client.data(verifyEmail, { token: await linkTo(instance, address, subjects.verify) });
    await client.data('mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) }', {
      input: { newEmail: 'alice@example.org', password: passwordOf('alice') },
    });
    await client.data(verifyEmail, { token: await linkTo(instance, 'alice@example.org', subjects.verifyNew) });
    await client.signIn('alice');
    instance.clock.advance(minute);
    await client.data(`mutation ($input: ChangePasswordInput!) { changePassword(input: $input) ${pair} }`, {
      input: { currentPassword: passwordOf('alice'), newPassword: 'a sentence that a thief would choose' },
    });
  });

  test('accounts: to say that it was not oneself, and to set another password', async () => {
    const client = newClient();
    const token = await linkTo(instance, address, subjects.changed);
    await client.data('mutation ($token: String!) { disavow(token: $token) }', { token });
    await client.data('mutation ($email: String!) { requestPasswordReset(email: $email) }', { email: address });
    await client.data('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', {
      input: { token: await linkTo(instance, address, subjects.reset), newPassword: passwordOf('alice') },
    });
  });

  test('tokens: to refresh, reuse, look at, revoke, and to log out', async () => {
    const client = await signedIn();
    const { refreshToken } = client.pair;
    await client.data('mutation ($token: String!) { verifyToken(token: $token) { tokenType } }', {
      token: refreshToken,
    });
    await client.refresh(refreshToken);
    instance.clock.advance(minute);
    expect(codeOf(await client.refresh(refreshToken))).toBe('TOKEN_NOT_VALID');
    const { pair: other } = await signedIn();
    await client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token: other.refreshToken });
    const sliding = newClient();
    const { obtainSlidingToken } = await sliding.data<{ obtainSlidingToken: { token: string } }>(
      'mutation ($input: ObtainSlidingTokenInput!) { obtainSlidingToken(input: $input) { token } }',
      { input: { username: 'alice', password: passwordOf('alice') } },
    );
    await sliding.data('mutation ($token: String!) { refreshSlidingToken(token: $token) { token } }', {
      token: obtainSlidingToken.token,
    });
    const here = await signedIn();
    const { sessions } = await here.data<{ sessions: { id: string; current: boolean }[] }>(
      '{ sessions { id current } }',
    );
    const id = sessions.find(({ current }) => !current)?.id;
    await here.data('mutation ($id: ID!) { revokeSession(id: $id) { id } }', { id });
    await here.data('mutation { logout(all: true) { sessionsEnded } }');
  });

  test('tokens in cookies', async () => {
    const client = newClient();
    client.headers = { host: 'postern.example.com', origin: 'https://postern.example.com' };
    const signIn = await client.query(
      `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair ${pair} } }`,
      { input: { username: 'alice', password: passwordOf('alice'), cookie: true } },
    );
    expect(codeOf(signIn)).toBe('OK');
    client.headers['cookie'] = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
    await client.data(`mutation { refreshToken ${pair} }`);
  });

  test('second factors: codes by mail, an authenticator, recovery codes, remembered devices', async () => {
    const client = await signedIn();
    const { enrolmentToken } = await begin(client, 'EMAIL');
    await client.query(
      'mutation ($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }',
      {
        input: { enrolmentToken, code: wrong(await mailedCode(instance, 'alice')) },
      },
    );
    await confirmWith(client, enrolmentToken, await mailedCode(instance, 'alice'));
    const totp = await begin(client, 'TOTP');
    await confirmWith(client, totp.enrolmentToken, totpCode(instance, String(totp.totpSecret)));
    await client.data(regenerate, { password: passwordOf('alice') });

    const phone = newClient();
    instance.clock.advance(minute);
    const { challengeToken } = await challengeOf(phone, 'alice');
    instance.clock.advance(minute);
    await phone.data(resend, { token: challengeToken });
    const complete = (code: string) =>
      phone.query<{ completeSecondFactor: { accessToken: string; deviceToken: string } }>(
        `mutation ($input: CompleteSecondFactorInput!) { completeSecondFactor(input: $input) ${pair} }`,
        { input: { challengeToken, method: 'EMAIL', code, rememberDevice: true } },
      );
    const code = await mailedCode(instance, 'alice');
    expect(codeOf(await complete(wrong(code)))).toBe('INVALID_CREDENTIALS');
    const { accessToken, deviceToken } = (await complete(code)).data.completeSecondFactor;
    phone.token = accessToken;
    await phone.data(
      `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair ${pair} } }`,
      {
        input: { username: 'alice', password: passwordOf('alice'), deviceToken },
      },
    );
    const { rememberedDevices } = await phone.data<{ rememberedDevices: { id: string }[] }>(
      '{ rememberedDevices { id } }',
    );
    await phone.data('mutation ($id: ID!) { forgetDevice(id: $id) { id } }', { id: rememberedDevices[0]?.id });
    for (const method of ['EMAIL', 'TOTP']) {
      await phone.data(disable, { input: { method, password: passwordOf('alice') } });
    }
  });

  test('passkeys', async () => {
    const client = await signedIn();
    const own = passkeys.authenticator();
    const { id } = await passkeys.addPasskey(client, own);
    expect(codeOf(await passkeys.signInBy(newClient(), own))).toBe('OK');
    expect(codeOf(await passkeys.signInBy(newClient(), own, { challenge: 'another' }))).not.toBe('OK');
    await client.data(passkeys.remove, { id, password: passwordOf('alice') });
  });

  test('administration', async () => {
    const input = { username: 'root', email: 'root@example.com', password: passwordOf('root') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const root = await signedIn('root');
    const { user } = (await signedIn('bob')).pair;
    const { outstandingTokens } = await root.data<{ outstandingTokens: { nodes: { jti: string }[] } }>(
      'query ($id: ID!) { outstandingTokens(filter: { userId: $id }) { nodes { jti } } }',
      { id: user.id },
    );
    const ids = { id: user.id, jti: outstandingTokens.nodes[0]?.jti };
    await root.data('mutation ($jti: ID!) { blacklistToken(jti: $jti) { jti } }', ids);
    await root.data('mutation ($id: ID!) { revokeUserSessions(userId: $id) { sessionsEnded } }', ids);
    await root.data('mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { id } }', ids);
    await root.data('mutation ($id: ID!) { setUserActive(id: $id, active: false) { id } }', ids);
  });

  test('what is not well formed, and a database that has faults', async () => {
    const client = await signedIn();
    const { refreshToken } = client.pair;
    const password = 'a password where none should be';
    await client.query('mutation ($password: Int!) { deleteAccount(password: $password) }', { password });
    await client.query('mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }', {
      input: { username: 'alice', password: [password], code: password },
    });
    await client.query(`mutation { obtainToken(input: { username: "alice", password: "${password}" ) { __typename } }`);
    await client.query(`{ me(password: "${password}") { id } }`);
    const tables = ['sessions', 'refresh_tokens', 'one_time_tokens', 'users'];
    for (const table of tables) {
      await execute(instance, `alter table ${table} rename to away`);
      const codes = [
        codeOf(await attempt(client, 'alice', passwordOf('alice'))),
        codeOf(await client.refresh(refreshToken)),
        codeOf(await client.query(verifyEmail, { token: 'A'.repeat(43) })),
      ];
      expect(codes).toContain('INTERNAL_SERVER_ERROR');
      await execute(instance, `alter table away rename to ${table}`);
    }
  });

  test('to take all data along, and to leave', async () => {
    const client = await signedIn();
    await client.data('query ($password: String) { exportMyData(password: $password) }', {
      password: passwordOf('alice'),
    });
    await client.data('mutation ($password: String!) { deleteAccount(password: $password) }', {
      password: passwordOf('alice'),
    });
  });

  test('was run: no mutation but those of posts is missing above', () => {
    const mutations = Object.keys(instance.app.schema.getMutationType()?.getFields() ?? {});
    const run = new Set(clients.flatMap(({ fields }) => [...fields]));
    const left = mutations.filter((name) => !run.has(name));
    expect(left.sort()).toEqual(['createPost', 'deletePost', 'updatePost']);
  });

  test('leaves no secret in the log, nor in the message of an error', async () => {
    await instance.app.services.outbox.deliver();
    const mails = await readMails(instance.config.database.dataDir);
    const mailed = mails.flatMap(({ text }) => [
      ...[...text.matchAll(/#token=([\w-]+)/g)].map(([, token]) => token ?? ''),
      ...[...text.matchAll(/^ {4}(\d{6})$/gm)].map(([, code]) => code ?? ''),
    ]);
    const secrets = new Set([...clients.flatMap((client) => [...client.secrets]), ...mailed]);
    // The signature alone is worth a token: the rest of it can be had from its claims.
    for (const secret of [...secrets]) if (secret.startsWith('eyJ')) secrets.add(secret.split('.')[2] ?? '');
    expect(mailed.length).toBeGreaterThan(10);
    expect(secrets.size).toBeGreaterThan(80);
    expect(lines.length).toBeGreaterThan(100);

    const told = [...lines, ...clients.flatMap(({ errors }) => errors)].join('\n');
    expect([...secrets].filter((secret) => isIn(told, secret))).toEqual([]);
  });
});

/** A code of digits is also found by chance inside longer numbers, such as times. */
function isIn(text: string, secret: string): boolean {
  return /^\d+$/.test(secret) ? new RegExp(`(?<![\\d.])${secret}(?!\\d)`).test(text) : text.includes(secret);
}
