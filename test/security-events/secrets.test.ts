import { appOfTest, attempt, execute, minute } from '../auth/support.js';
import { passwordOf } from '../support/client.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';

/** The parts of a token that are worth something to a thief, beside the whole. */
const partsOf = (token: string): string[] => [token, ...token.split('.').slice(1)];

describe.each(ordinaryDatabaseKinds)('security events hold nothing secret, on %s', (kind) => {
  test('after a session with wrong passwords, tokens and cookies none of these is in any column', async () => {
    const instance = await appOfTest(kind);
    const [client, admin] = [instance.client(), instance.client()];
    const input = { username: 'admin', email: 'admin@example.com', password: passwordOf('admin') };
    await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
    const alice = await client.register('alice');
    const secrets = [
      passwordOf('alice'),
      passwordOf('admin'),
      'a wrong guess',
      'typed into the wrong field',
      'garbage-token',
    ];

    await attempt(client, 'alice', 'a wrong guess');
    await attempt(client, 'typed into the wrong field', 'a wrong guess');
    await attempt(client, 'alice@example.com', 'typed into the wrong field');
    await client.refresh('garbage-token');
    await client.query('mutation { revokeToken(token: "garbage-token") }');

    const first = await client.signIn('alice');
    const second = await client.refresh(first.refreshToken);
    instance.clock.advance(minute);
    await client.refresh(first.refreshToken);
    secrets.push(...[first.accessToken, first.refreshToken].flatMap(partsOf));
    const rotated = second.data?.refreshToken;
    secrets.push(...[rotated?.accessToken ?? '', rotated?.refreshToken ?? ''].flatMap(partsOf));

    const browser = instance.client();
    browser.headers = { host: 'postern.example', origin: 'http://postern.example' };
    const cookied = await browser.query<{ obtainToken: { accessToken: string } }>(`mutation {
      obtainToken(input: { username: "alice", password: "${passwordOf('alice')}", cookie: true }) {
        ... on TokenPair { accessToken }
      }
    }`);
    const [cookie = ''] = String(cookied.headers['set-cookie']).split(';', 1);
    browser.headers['cookie'] = cookie;
    browser.token = cookied.data.obtainToken.accessToken;
    secrets.push(...partsOf(browser.token), ...partsOf(cookie.split('=')[1] ?? ''));
    await browser.data('mutation { logout { sessionsEnded } }');
    browser.headers['cookie'] = `${cookie.split('=')[0]}=garbage-token`;
    await browser.query('mutation { refreshToken { accessToken } }');

    const third = await client.signIn('alice');
    secrets.push(...[third.accessToken, third.refreshToken].flatMap(partsOf));
    await client.data('mutation ($token: String!) { revokeToken(token: $token) }', { token: third.refreshToken });
    const pair = await admin.signIn('admin');
    secrets.push(...[pair.accessToken, pair.refreshToken].flatMap(partsOf));
    await admin.data('mutation ($id: ID!) { setUserRole(id: $id, role: ADMIN) { id } }', alice);
    await admin.data('mutation ($id: ID!) { setUserActive(id: $id, active: false) { id } }', alice);

    const events = await execute<{ type: string }>(instance, 'select * from security_events');
    const types = ['sign_in_failed', 'signed_in', 'token_reused', 'logged_out', 'token_revoked', 'role_changed'];
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining([...types, 'user_deactivated']));
    const written = JSON.stringify(events);
    // The check itself finds what is there.
    expect(written).toContain(alice.id);
    expect(secrets.filter((secret) => secret === '' || written.includes(secret))).toEqual([]);
  });
});
