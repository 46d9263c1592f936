import { passwordOf } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { appOfTest, attempt, codeOf, execute } from './support.js';

describe.each(ordinaryDatabaseKinds)('REQUIRE_VERIFIED_EMAIL, on %s', (kind) => {
  test('lets in nobody whose address is not verified, says so after the right password only, and mails the link', async () => {
    const instance = await appOfTest(kind, { env: { REQUIRE_VERIFIED_EMAIL: 'true' } });
    const client = instance.client();
    await client.register('alice');
    const before = (await instance.mailsTo('alice@example.com')).length;
    expect(codeOf(await attempt(client, 'alice', 'a wrong guess'))).toBe('INVALID_CREDENTIALS');
    expect(await instance.mailsTo('alice@example.com')).toHaveLength(before);
    expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('EMAIL_NOT_VERIFIED');
    const mails = await instance.mailsTo('alice@example.com');
    expect(mails.at(-1)?.text).toMatch(/\/verify-email#token=/);
    expect(await execute(instance, 'select 1 from sessions')).toEqual([]);

    await execute(instance, 'update users set is_active = false');
    expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
    await execute(instance, 'update users set is_active = true, email_verified_at = now()');
    expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('OK');
  });

  test('does not tell who is turned away by USER_AUTHENTICATION_RULE that the password was right', async () => {
    const instance = await appOfTest(kind, {
      env: { REQUIRE_VERIFIED_EMAIL: 'true' },
      extensions: { userAuthenticationRule: () => false },
    });
    await instance.client().register('alice');
    expect(codeOf(await attempt(instance.client(), 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
  });
});
