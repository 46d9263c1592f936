import type { OneTimeTokenPurpose } from '../../src/modules/auth/one-time-tokens/one-time-token.types.js';
import type { TestApp } from '../support/app.js';
import { type Pair, passwordOf } from '../support/client.js';
import type { Operation } from './operations.js';

/** The life of one account, from its registration to its end. */
export function accountOperations(instance: TestApp): Operation[] {
  const client = instance.client();
  const another = 'another long sentence';
  let id = '';
  const link = (purpose: OneTimeTokenPurpose, data: Record<string, string | boolean>) =>
    instance.app.services.oneTimeTokens.issue(instance.app.database.fork(), {
      userId: id,
      purpose,
      lifetime: 60_000,
      data,
    });
  const follow = async (mutation: string, token: string) => client.data(mutation, { token });
  const verify = 'mutation ($token: String!) { verifyEmail(token: $token) { email } }';
  return [
    {
      name: 'register, to be verified',
      run: async () => {
        ({ id } = await client.register('dora'));
      },
    },
    {
      name: 'requestEmailVerification',
      run: async () => {
        await client.signIn('dora');
        await client.data('mutation { requestEmailVerification }');
      },
    },
    {
      name: 'verifyEmail',
      run: async () => follow(verify, await link('EMAIL_VERIFICATION', { email: 'dora@example.com' })),
    },
    {
      name: 'exportMyData',
      run: () => client.data('{ exportMyData }'),
      reads: 1_000,
      because: 'all that is stored about one user',
    },
    {
      name: 'changePassword',
      run: async () => {
        const { changePassword } = await client.data<{ changePassword: Pair }>(
          'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken } }',
          { input: { currentPassword: passwordOf('dora'), newPassword: another } },
        );
        client.token = changePassword.accessToken;
      },
    },
    {
      name: 'changeEmail',
      run: () =>
        client.data('mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) }', {
          input: { newEmail: 'dora@example.org', password: another },
        }),
    },
    {
      name: 'verifyEmail, of a new address',
      run: async () => follow(verify, await link('EMAIL_CHANGE', { newEmail: 'dora@example.org' })),
    },
    {
      name: 'requestPasswordReset',
      run: () => client.data('mutation { requestPasswordReset(email: "dora@example.org") }'),
    },
    { name: 'what the outbox does about it', run: () => instance.app.services.outbox.deliver() },
    {
      name: 'disavow',
      run: async () => {
        const token = await link('DISAVOWAL', { email: 'dora@example.com', emailVerified: true });
        await follow('mutation ($token: String!) { disavow(token: $token) }', token);
      },
    },
    {
      name: 'resetPassword',
      run: async () => {
        const token = await link('PASSWORD_RESET', { email: 'dora@example.com' });
        await client.data('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', {
          input: { token, newPassword: another },
        });
      },
    },
    {
      name: 'deleteAccount',
      run: async () => {
        await client.signIn('dora', another);
        await client.data(`mutation { deleteAccount(password: "${another}") }`);
      },
    },
  ];
}
