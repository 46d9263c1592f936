import { addPasskey, authenticator, remove, signInBy } from '../auth/passkeys/support.js';
import {
  challengeOf,
  disable,
  regenerate,
  resend,
  switchOnEmail,
  switchOnTotp,
  totpCode,
  tryCode,
} from '../auth/second-factors/support.js';
import { minute } from '../auth/support.js';
import type { TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import type { Operation } from './operations.js';

/** What proves who somebody is beside the password: second factors, remembered devices, passkeys. */
export function factorOperations(instance: TestApp): Operation[] {
  const username = 'erin';
  const client = instance.client();
  const own = authenticator();
  let secret = '';
  let recoveryCodes: readonly string[] = [];
  let deviceToken = '';
  let passkeyId = '';

  const challenge = async () => {
    instance.clock.advance(minute);
    return challengeOf(client, username);
  };
  const answer = async (method: 'TOTP' | 'RECOVERY_CODE', code: () => string, more: object = {}) => {
    const { data } = await tryCode(client, await challenge(), method, code(), more);
    client.token = data?.completeSecondFactor.accessToken ?? null;
    return data?.completeSecondFactor;
  };

  return [
    {
      name: 'startSecondFactor and confirmSecondFactor, TOTP',
      run: async () => {
        await client.register(username);
        await client.signIn(username);
        ({ secret, recoveryCodes } = await switchOnTotp(instance, client));
      },
    },
    {
      name: 'startSecondFactor and confirmSecondFactor, EMAIL',
      run: () => switchOnEmail(instance, client, username),
    },
    { name: 'completeSecondFactor, TOTP', run: () => answer('TOTP', () => totpCode(instance, secret)) },
    { name: 'completeSecondFactor, recovery code', run: () => answer('RECOVERY_CODE', () => recoveryCodes[0] ?? '') },
    { name: 'completeSecondFactor, wrong', run: () => answer('TOTP', () => '000000') },
    {
      name: 'resendSecondFactorCode',
      run: async () => {
        const { challengeToken } = await challenge();
        instance.clock.advance(minute);
        await client.data(resend, { token: challengeToken });
      },
    },
    {
      name: 'completeSecondFactor, of a device to be remembered',
      run: async () => {
        const { challengeToken } = await challenge();
        const input = { challengeToken, method: 'TOTP', code: totpCode(instance, secret), rememberDevice: true };
        const { completeSecondFactor } = await client.data<{ completeSecondFactor: Record<string, string> }>(
          `mutation ($input: CompleteSecondFactorInput!) {
            completeSecondFactor(input: $input) { accessToken deviceToken } }`,
          { input },
        );
        client.token = completeSecondFactor['accessToken'] ?? null;
        deviceToken = completeSecondFactor['deviceToken'] ?? '';
      },
    },
    {
      name: 'obtainToken, by a remembered device',
      run: () =>
        client.data(
          `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair { accessToken } } }`,
          { input: { username, password: passwordOf(username), deviceToken } },
        ),
    },
    {
      name: 'rememberedDevices and forgetDevice',
      run: async () => {
        const { rememberedDevices } = await client.data<{ rememberedDevices: { id: string }[] }>(
          '{ rememberedDevices { id createdAt } }',
        );
        const [device] = rememberedDevices;
        await client.data('mutation ($id: ID!) { forgetDevice(id: $id) { id } }', { id: device?.id });
      },
    },
    { name: 'me, with second factors', run: () => client.data('{ me { secondFactors { method lastUsedAt } } }') },
    {
      name: 'startPasskeyRegistration and finishPasskeyRegistration',
      run: async () => {
        ({ id: passkeyId } = await addPasskey(client, own));
      },
    },
    { name: 'startPasskeySignIn and completePasskeySignIn', run: () => signInBy(instance.client(), own) },
    { name: 'me, with passkeys', run: () => client.data('{ me { passkeys { id name } } }') },
    {
      name: 'removePasskey',
      run: () => client.data(remove, { id: passkeyId, password: passwordOf(username) }),
    },
    {
      name: 'regenerateRecoveryCodes',
      run: () => client.data(regenerate, { password: passwordOf(username) }),
    },
    {
      name: 'disableSecondFactor',
      run: () => client.data(disable, { input: { method: 'EMAIL', password: passwordOf(username) } }),
    },
  ];
}
