import type { TestApp } from '../support/app.js';
import { createTestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';
import type { Mail } from '../support/mails.js';
import { execute } from './support.js';

const firefox = (version: string) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}) Gecko/20100101 Firefox/${version}`;
const safari = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.2 Safari/605.1.15';

describe.each(testDatabaseKinds)('a sign-in from a new device, on %s', (kind) => {
  let instance: TestApp;
  let users = 0;
  let username: string;

  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());
  beforeEach(async () => {
    username = `user${++users}`;
    await instance.client().register(username);
  });

  const signIn = async (address: string, userAgent = firefox('140.0')) => {
    const client = instance.client(address);
    client.headers = { 'user-agent': userAgent };
    return client.signIn(username);
  };
  const notices = async (): Promise<Mail[]> => {
    const mails = await instance.mailsTo(`${username}@example.com`);
    return mails.filter(({ subject }) => subject.includes('new device'));
  };
  const events = async () =>
    execute<{ ip_address: string }>(
      instance,
      `select ip_address from security_events e join users u on u.id = e.user_id
        where type = 'new_device' and username = '${username}'`,
    );

  test('is told to the user, and recorded, while the very first one is not', async () => {
    await signIn('198.51.100.1');
    expect(await notices()).toEqual([]);
    await signIn('203.0.113.7');
    const [notice, ...others] = await notices();
    expect(others).toEqual([]);
    expect(notice?.text).toContain('203.0.113.7');
    expect(notice?.text).toMatch(/\/not-me#token=/);
    expect(await events()).toEqual([{ ip_address: '203.0.113.7' }]);
  });

  test.each([
    ['again', '198.51.100.1', firefox('140.0'), 0],
    ['with an updated browser', '198.51.100.1', firefox('141.0.2'), 0],
    ['with another browser', '198.51.100.1', safari, 1],
    ['from another network', '198.51.100.2', firefox('140.0'), 1],
  ])('or not: %s', async (_, address, userAgent, told) => {
    await signIn('198.51.100.1');
    await signIn(address, userAgent);
    expect(await notices()).toHaveLength(told);
    await signIn(address, userAgent);
    expect(await notices()).toHaveLength(told);
    expect(await events()).toHaveLength(told);
  });

  test('is told once where several arrive at the same time', async () => {
    await signIn('198.51.100.1');
    // From one network on one instance they would take turns.
    await Promise.all(Array.from({ length: 8 }, (_, index) => signIn(`2001:db8::${index + 1}`, safari)));
    expect(await notices()).toHaveLength(1);
    expect(await events()).toHaveLength(1);
  });

  test('that the password did not open is none', async () => {
    await signIn('198.51.100.1');
    await instance
      .client('203.0.113.7')
      .error('mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }', {
        input: { username, password: 'a wrong guess' },
      });
    expect(await notices()).toEqual([]);
    expect(await events()).toEqual([]);
  });
});

describe('two instances that share a database', () => {
  test('tell of one new device once', async () => {
    const one = await createTestApp('postgres');
    const two = await createTestApp('postgres', { database: one.database, clock: one.clock });
    await one.client().register('alice');
    await one.client('198.51.100.1').signIn('alice');
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? one : two).client('203.0.113.7').signIn('alice')),
    );
    const mails = await one.mailsTo('alice@example.com');
    expect(mails.filter(({ subject }) => subject.includes('new device'))).toHaveLength(1);
    await two.stop();
    await one.stop();
  });
});
