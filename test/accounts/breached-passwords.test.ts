import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSuperuser } from '../../src/cli/createsuperuser.js';
import { appOfTest, codeOf } from '../auth/support.js';
import { run, variablesFor } from '../cli/support.js';
import type { TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { createTestDatabase } from '../support/databases.js';
import { linkTo, newcomer, subjects } from './support.js';

const breached = 'a sentence that has leaked';
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();

/** Answers as Have I Been Pwned does; a test may answer otherwise. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const properly: Answer = ({ url = '' }, response) => {
  const known = [breached].map(sha1).filter((hash) => url === `/range/${hash.slice(0, 5)}`);
  const padding = [`${sha1(passwordOf('padded')).slice(5)}:0`, `${'0'.repeat(35)}:0`];
  response.end([...padding, ...known.map((hash) => `${hash.slice(5)}:17`)].join('\r\n'));
};

describe('the service of breached passwords', () => {
  let server: Server;
  let answer: Answer;
  let requests: IncomingMessage[];
  let log: string[];
  let instance: TestApp;

  beforeEach(async () => {
    answer = properly;
    requests = [];
    log = [];
    server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    instance = await appOfTest('pglite', { env: { BREACHED_PASSWORDS_URL: url() }, log: (line) => log.push(line) });
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
  const register = (username: string, password: string) =>
    instance.client().query('mutation ($input: RegisterInput!) { register(input: $input) { id } }', {
      input: { username, email: `${username}@example.com`, password },
    });
  const issuesAt = (field: string) => ({
    code: 'BAD_USER_INPUT',
    issues: [{ path: ['input', field], message: 'must not be a password that is known from a data breach' }],
  });

  test('is told five digits of the hash and no more, and asked for an answer with padding', async () => {
    expect(codeOf(await register('alice', passwordOf('alice')))).toBe('OK');
    expect(requests.map(({ url }) => url)).toEqual([`/range/${sha1(passwordOf('alice')).slice(0, 5)}`]);
    expect(requests[0]?.headers['add-padding']).toBe('true');
  });

  test('refuses a known password wherever one is chosen', async () => {
    const { errors } = await register('alice', breached);
    expect(errors[0]?.extensions).toEqual(issuesAt('password'));

    const { client, address, password } = await newcomer(instance);
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken } }';
    const changed = await client.error(change, { input: { currentPassword: password, newPassword: breached } });
    expect(changed.extensions).toEqual(issuesAt('newPassword'));

    await client.data('mutation ($email: String!) { requestPasswordReset(email: $email) }', { email: address });
    const token = await linkTo(instance, address, subjects.reset);
    const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
    const refused = await client.error(reset, { input: { token, newPassword: breached } });
    expect(refused.extensions).toEqual(issuesAt('newPassword'));
  });

  test('refuses one to createsuperuser, too', async () => {
    const database = await createTestDatabase('postgres');
    const variables = { ...variablesFor(database), BREACHED_PASSWORDS_URL: url() };
    const args = ['--username', 'root', '--email', 'root@example.com', '--password', breached];
    const { code, err } = await run(createSuperuser, args, variables);
    await database.drop();
    expect(code).toBe(1);
    expect(err).toContain('password must not be a password that is known from a data breach');
  });

  test('takes padding for what it is: a password that was never seen', async () => {
    expect(codeOf(await register('padded', passwordOf('padded')))).toBe('OK');
  });

  test('is not asked about what breaks another rule', async () => {
    await register('alice', 'password1');
    await register('a b', breached);
    expect(requests).toEqual([]);
  });

  test.each<[string, Answer, string]>([
    ['answers with an error', (_request, response) => response.writeHead(503).end(), 'status 503'],
    ['sends elsewhere', (_request, response) => response.writeHead(302, { location: '/' }).end(), 'redirect'],
    ['hangs up', (request) => request.socket.destroy(), 'other side closed'],
    ['sends too much', (_request, response) => response.end('0'.repeat(1_048_577)), 'longer than'],
    ['does not answer', () => undefined, 'no answer in time'],
  ])('that %s lets every password pass, with a warning that tells nothing of it', async (_what, way, words) => {
    answer = way;
    const start = performance.now();
    expect(codeOf(await register('alice', breached))).toBe('OK');
    expect(performance.now() - start).toBeLessThan(4_000);
    const warnings = log.filter((line) => line.includes('Breached passwords'));
    expect(warnings).toEqual([expect.stringContaining(words)]);
    const hash = sha1(breached);
    for (const secret of [breached, hash, hash.slice(0, 5), hash.slice(5)]) {
      expect(log.join('\n').toUpperCase()).not.toContain(secret.toUpperCase());
    }
  });
});
