import {
  begin,
  challengeOf,
  confirmWith,
  mailedCode,
  switchOnEmail,
  totpCode,
  tryCode,
} from '../auth/second-factors/support.js';
import { attempt, codeOf, execute, minute, pairFields, reasonOf, second } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { type Pair, passwordOf, type TestClient } from '../support/client.js';
import { testDatabaseKinds } from '../support/databases.js';
import { linkTo, mailsAbout, subjects, verifyEmail } from './support.js';

const address = 'alice@example.com';
const changed = 'a second long sentence';
const reset = 'a third long sentence';

/** Each test goes on where the one before has stopped. */
describe.each(testDatabaseKinds)('the life of an account, told by its mails, on %s', (kind) => {
  let instance: TestApp;
  let laptop: TestClient;
  let phone: TestClient;
  let recoveryCodes: readonly string[];
  let totpSecret: string;

  beforeAll(async () => {
    instance = await createTestApp(kind, { env: { REQUIRE_VERIFIED_EMAIL: 'true' } });
    [laptop, phone] = [instance.client('192.0.2.1'), instance.client('192.0.2.2')];
  });
  afterAll(() => instance.stop());
  beforeEach(() => instance.clock.advance(second));

  const amrOf = ({ accessToken }: Pair): string[] =>
    JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()).amr;

  /** Signs in with the password and one more proof. */
  async function signInWith(client: TestClient, method: 'EMAIL' | 'TOTP' | 'RECOVERY_CODE', code: string | null) {
    const challenge = await challengeOf(client, 'alice');
    const given = code ?? (await mailedCode(instance, 'alice'));
    const { data, errors } = await tryCode(client, challenge, method, given);
    if (!data) throw new Error(JSON.stringify(errors));
    client.token = data.completeSecondFactor.accessToken;
    return data.completeSecondFactor;
  }

  test('she registers, and cannot sign in before she has followed the link in the mail', async () => {
    await laptop.register('alice');
    expect(codeOf(await attempt(laptop, 'alice', passwordOf('alice')))).toBe('EMAIL_NOT_VERIFIED');
    const token = await linkTo(instance, address, subjects.verify);
    expect(await laptop.data(verifyEmail, { token })).toMatchObject({ verifyEmail: { emailVerified: true } });
    expect(amrOf(await laptop.signIn('alice'))).toEqual(['pwd']);
  });

  test('she switches on codes by e-mail, and gets ten recovery codes', async () => {
    recoveryCodes = await switchOnEmail(instance, laptop, 'alice');
    expect(recoveryCodes).toHaveLength(10);
  });

  test('on her phone the password is not enough: the code from the mail is wanted, and good once', async () => {
    const challenge = await challengeOf(phone, 'alice');
    expect(challenge.methods).toEqual(['EMAIL', 'RECOVERY_CODE']);
    const code = await mailedCode(instance, 'alice');
    const { data } = await tryCode(phone, challenge, 'EMAIL', code);
    phone.token = data?.completeSecondFactor.accessToken ?? null;
    expect(await phone.data('{ me { username } }')).toEqual({ me: { username: 'alice' } });
    expect(codeOf(await tryCode(phone, challenge, 'EMAIL', code))).toBe('TOKEN_NOT_VALID');
  });

  test('she loses the mailbox: a recovery code lets her in, and is good once', async () => {
    const [code = ''] = recoveryCodes;
    expect(amrOf(await signInWith(laptop, 'RECOVERY_CODE', code))).toEqual(['pwd', 'otp', 'mfa']);
    const again = await challengeOf(laptop, 'alice');
    expect(codeOf(await tryCode(laptop, again, 'RECOVERY_CODE', code))).toBe('INVALID_CREDENTIALS');
  });

  test('she adds an authenticator, and signs in with what it shows', async () => {
    const enrolment = await begin(laptop, 'TOTP');
    totpSecret = String(enrolment.totpSecret);
    const { recoveryCodes: none } = await confirmWith(laptop, enrolment.enrolmentToken, totpCode(instance, totpSecret));
    expect(none).toEqual([]);
    instance.clock.advance(30 * second);
    await signInWith(laptop, 'TOTP', totpCode(instance, totpSecret));
    const { me } = await laptop.data<{ me: object }>('{ me { secondFactors { method } } }');
    expect(me).toEqual({ secondFactors: [{ method: 'EMAIL' }, { method: 'TOTP' }] });
  });

  test('she changes the password on the laptop, and the phone is signed out', async () => {
    const answer = await laptop.data<{ changePassword: Pair }>(
      `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${pairFields} } }`,
      { input: { currentPassword: passwordOf('alice'), newPassword: changed } },
    );
    laptop.token = answer.changePassword.accessToken;
    expect(await laptop.data('{ me { username } }')).toEqual({ me: { username: 'alice' } });
    expect((await phone.error('{ me { id } }')).extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'REVOKED' });
    expect(await mailsAbout(instance, address, subjects.passwordChanged)).toHaveLength(1);
  });

  test('she forgets it: the link in the mail sets another one, and ends every session', async () => {
    await instance.client('192.0.2.3').data('mutation ($email: String!) { requestPasswordReset(email: $email) }', {
      email: address,
    });
    const input = { token: await linkTo(instance, address, subjects.reset), newPassword: reset };
    await phone.data('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input });
    expect((await laptop.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
    expect(codeOf(await attempt(laptop, 'alice', changed))).toBe('INVALID_CREDENTIALS');
    instance.clock.advance(minute);
    const challenge = await challengeOf(laptop, 'alice', { password: reset });
    const { data } = await tryCode(laptop, challenge, 'TOTP', totpCode(instance, totpSecret));
    laptop.token = data?.completeSecondFactor.accessToken ?? null;
  });

  test('she leaves: nothing of her is left but a farewell, and the log of what happened', async () => {
    const leave = 'mutation ($password: String!) { deleteAccount(password: $password) }';
    expect(await laptop.data(leave, { password: reset })).toEqual({ deleteAccount: true });
    expect(reasonOf(await laptop.query('{ me { id } }'))).toBe('REVOKED');
    expect(await mailsAbout(instance, address, subjects.deleted)).toHaveLength(1);
    expect(await execute(instance, 'select id from users')).toEqual([]);
    const events = await execute<{ type: string }>(instance, 'select type from security_events order by created_at');
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['signed_in', 'second_factor_changed', 'password_changed', 'password_reset']),
    );
    expect(events.at(-1)).toEqual({ type: 'user_deleted' });
    expect(codeOf(await attempt(laptop, 'alice', reset))).toBe('INVALID_CREDENTIALS');
  });
});
