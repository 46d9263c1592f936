import { createTestApp, type TestApp } from '../../support/app.js';
import { passwordOf, type TestClient } from '../../support/client.js';
import { ordinaryDatabaseKinds } from '../../support/databases.js';
import { minute } from '../support.js';
import {
  begin,
  challengeOf,
  confirmWith,
  disable,
  regenerate,
  resend,
  switchOnEmail,
  switchOnTotp,
  totpCode,
  tryCode,
  wrong,
} from './support.js';

const devices = '{ rememberedDevices { id } }';

describe.each(ordinaryDatabaseKinds)('the number of statements about second factors, on %s', (kind) => {
  let instance: TestApp;
  let client: TestClient;
  let username: string;
  let secret: string;
  let recoveryCodes: readonly string[];
  let users = 0;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());
  beforeEach(async () => {
    username = `user${++users}`;
    client = instance.client(`198.51.100.${users}`);
    await client.register(username);
    await client.signIn(username);
    ({ secret, recoveryCodes } = await switchOnTotp(instance, client));
    instance.clock.advance(minute);
  });

  /** The beginning and the end of a transaction aside. */
  async function count<T>(work: () => Promise<T>): Promise<number> {
    instance.takeStatements();
    await work();
    return instance.takeStatements().filter((statement) => !/^(begin|commit|rollback)/.test(statement)).length;
  }
  const complete = async (method: 'TOTP' | 'RECOVERY_CODE', code: string, more: object = {}) => {
    const challenge = await challengeOf(client, username);
    return count(() => tryCode(client, challenge, method, code, more));
  };

  test.each<[string, number, () => Promise<number>]>([
    ['obtainToken, up to the challenge', 3, () => count(() => challengeOf(client, username))],
    ['completeSecondFactor, TOTP', 7, () => complete('TOTP', totpCode(instance, secret))],
    [
      'completeSecondFactor, TOTP, remembered',
      9,
      () => complete('TOTP', totpCode(instance, secret), { rememberDevice: true }),
    ],
    ['completeSecondFactor, recovery code', 9, () => complete('RECOVERY_CODE', recoveryCodes[0] ?? '')],
    ['completeSecondFactor, wrong', 3, () => complete('TOTP', wrong(totpCode(instance, secret)))],
    [
      'resendSecondFactorCode',
      2,
      async () => {
        await switchOnEmail(instance, client, username);
        const { challengeToken } = await challengeOf(client, username);
        instance.clock.advance(minute);
        return count(() => client.query(resend, { token: challengeToken }));
      },
    ],
    ['startSecondFactor', 3, () => count(() => begin(client, 'EMAIL'))],
    [
      'confirmSecondFactor',
      9,
      async () => {
        const { enrolmentToken, totpSecret } = await begin(client, 'TOTP');
        return count(() => confirmWith(client, enrolmentToken, totpCode(instance, String(totpSecret))));
      },
    ],
    ['regenerateRecoveryCodes', 11, () => count(() => client.data(regenerate, { password: passwordOf(username) }))],
    [
      'disableSecondFactor',
      12,
      () => count(() => client.data(disable, { input: { method: 'TOTP', password: passwordOf(username) } })),
    ],
    ['rememberedDevices', 1, () => count(() => client.data(devices))],
    ['secondFactors', 2, () => count(() => client.data('{ me { id secondFactors { method } } }'))],
  ])('%s takes %i', async (_name, statements, run) => {
    expect(await run()).toBe(statements);
  });
});
