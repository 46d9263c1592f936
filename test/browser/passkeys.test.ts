import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { describeWith } from '../support/debian.js';
import { chromiumTool, launchBrowser } from './browser.js';
import { type PageServer, servePages } from './page-server.js';

const describeInBrowser = await describeWith(chromiumTool);

/** The code of docs/passkeys.md; only the address is another. */
async function documentedCode(endpoint: string): Promise<string> {
  const page = await readFile('docs/passkeys.md', 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const address = "'https://postern.example.com/graphql'";
  expect(code.split(address)).toHaveLength(2);
  return code.replace(address, JSON.stringify(endpoint));
}

/** A device whose user is at hand and says yes. */
const device = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** A page with the documented code, and a device of its own. */
class PasskeyPage {
  private constructor(
    readonly page: Page,
    private readonly cdp: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async open(context: BrowserContext, address: string, endpoint: string): Promise<PasskeyPage> {
    const page = await context.newPage();
    await page.goto(address);
    await page.addScriptTag({ content: await documentedCode(endpoint) });
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: device });
    return new PasskeyPage(page, cdp, authenticatorId);
  }

  /** Runs an expression as the page's own script would. */
  run<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  /** The API's code for what the expression rejects with, or else the browser's name for it. */
  failure(expression: string): Promise<string> {
    const tell = "(error) => (typeof error.code === 'string' ? error.code : error.name)";
    return this.run(`${expression}.then(() => 'none', ${tell})`);
  }

  /** From now on its user is not recognised. */
  async forgetUser(): Promise<void> {
    const { cdp, authenticatorId } = this;
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  }

  /** Has its user's passkeys on another page's device as well, as a password manager does. */
  async copyTo(other: PasskeyPage): Promise<void> {
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.authenticatorId });
    for (const credential of credentials) {
      await other.cdp.send('WebAuthn.addCredential', { authenticatorId: other.authenticatorId, credential });
    }
  }
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly lastUsedAt: string | null;
}

describeInBrowser('passkeys, in Chromium with its virtual authenticator', () => {
  /** Its pages are at an allowed origin of the relying party, localhost. */
  let app: PageServer;
  /** To a browser its pages are of the same relying party, but their origin is not allowed. */
  let stranger: PageServer;
  let instance: TestApp;
  let browser: Browser;
  let context: BrowserContext;
  let tab: PasskeyPage;
  let users = 0;
  let username: string;

  beforeAll(async () => {
    [app, stranger, browser] = await Promise.all([servePages(), servePages(), launchBrowser()]);
    instance = await createTestApp('pglite', { env: { CORS_ORIGINS: `${app.localhost},${app.byAddress}` } });
  });
  beforeEach(async () => {
    username = `user${++users}`;
    await instance.client().register(username);
    context = await browser.newContext();
    tab = await open(app.localhost);
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await Promise.all([browser.close(), instance.stop(), app.close(), stranger.close()]);
  });

  const open = (address: string) => PasskeyPage.open(context, address, `${instance.app.url}/graphql`);
  const keep = (accessToken: string) => tab.run(`accessToken = ${JSON.stringify(accessToken)}; 0`);
  const signIn = async () => keep((await instance.client().signIn(username)).accessToken);
  const passkeys = async () =>
    (await tab.run<{ me: { passkeys: Listed[] } }>("ask('{ me { passkeys { id name lastUsedAt } } }')")).me.passkeys;
  const beginSignIn = async () => {
    const { startPasskeySignIn } = await instance
      .client()
      .data<{ startPasskeySignIn: { token: string; options: object } }>(
        'mutation { startPasskeySignIn { token options } }',
      );
    return startPasskeySignIn;
  };
  /** What a page without the API's leave gets out of a user who says yes. */
  const answer = (options: object) => `navigator.credentials
    .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
    .then((credential) => credential.toJSON())`;

  test('are added, listed, and sign in without a name and a password', async () => {
    await signIn();
    const added = await tab.run<Listed>("addPasskey('Laptop')");
    expect(await passkeys()).toEqual([{ ...added, name: 'Laptop', lastUsedAt: null }]);
    await keep('');
    expect(await tab.run('signInByPasskey()')).toEqual({ username });
    expect((await passkeys())[0]?.lastUsedAt).not.toBeNull();
    expect(await context.cookies(`${instance.app.url}/graphql`)).toEqual([
      expect.objectContaining({ name: 'postern_refresh', httpOnly: true }),
    ]);
  });

  test('sign in again and again, each time with a greater counter', async () => {
    await signIn();
    await tab.run("addPasskey('Laptop')");
    for (const _time of [1, 2, 3]) expect(await tab.run('signInByPasskey()')).toEqual({ username });
    const [row]: { counter: string }[] = await instance.app.database
      .fork()
      .execute('select counter from passkeys p join users u on u.id = p.user_id where username = ?', [username]);
    expect(Number(row?.counter)).toBeGreaterThanOrEqual(3);
  });

  test('of two users on one device are told apart', async () => {
    await signIn();
    await tab.run("addPasskey('Shared')");
    const first = username;
    username = `user${++users}`;
    await instance.client().register(username);
    await signIn();
    await tab.run("addPasskey('Shared')");
    // The virtual device takes the one that was made last.
    expect([first, username]).toContain((await tab.run<{ username: string }>('signInByPasskey()')).username);
  });

  test('are added once to a device', async () => {
    await signIn();
    await tab.run("addPasskey('Laptop')");
    expect(await tab.failure("addPasskey('Laptop again')")).toBe('InvalidStateError');
    expect(await passkeys()).toHaveLength(1);
  });

  test('are added with the password where the sign-in is too long ago', async () => {
    const client = instance.client();
    const { refreshToken } = await client.signIn(username);
    instance.clock.advance(11 * 60_000);
    await keep((await client.refresh(refreshToken)).data?.refreshToken.accessToken ?? '');
    expect(await tab.failure("addPasskey('Laptop')")).toBe('FORBIDDEN');
    const password = JSON.stringify(passwordOf(username));
    expect(await tab.run(`addPasskey('Laptop', ${password})`)).toMatchObject({ name: 'Laptop' });
  });

  test('are refused once they are removed', async () => {
    await signIn();
    const { id } = await tab.run<Listed>("addPasskey('Laptop')");
    await tab.run(`ask('mutation ($id: ID!) { removePasskey(id: $id) { id } }', { id: ${JSON.stringify(id)} })`);
    expect(await passkeys()).toEqual([]);
    await keep('');
    expect(await tab.failure('signInByPasskey()')).toBe('INVALID_CREDENTIALS');
  });

  test('are of no use to whom the device does not recognise', async () => {
    await signIn();
    await tab.run("addPasskey('Laptop')");
    await tab.forgetUser();
    expect(await tab.failure('signInByPasskey()')).toBe('NotAllowedError');
  });

  test('are not given to a page of another host, whatever options it has', async () => {
    const { options } = await beginSignIn();
    const elsewhere = await open(app.byAddress);
    expect(await elsewhere.failure(answer(options))).toBe('SecurityError');
    expect(await tab.failure(answer({ ...options, rpId: 'postern.example.com' }))).toBe('SecurityError');
  });

  test('are refused from an origin that is not allowed, though it is on the same host', async () => {
    await signIn();
    await tab.run("addPasskey('Laptop')");
    const phisher = await open(stranger.localhost);
    await tab.copyTo(phisher);
    const { token, options } = await beginSignIn();
    const complete = `mutation ($input: CompletePasskeySignInInput!) { completePasskeySignIn(input: $input) { accessToken } }`;
    const relay = async (from: PasskeyPage) => {
      const input = { token, response: await from.run(answer(options)) };
      return (await instance.client().query(complete, { input })).errors[0]?.extensions.code ?? 'OK';
    };
    expect(await relay(phisher)).toBe('INVALID_CREDENTIALS');
    expect(await relay(tab)).toBe('OK');
    expect(await relay(tab)).toBe('TOKEN_NOT_VALID');
  });
});
