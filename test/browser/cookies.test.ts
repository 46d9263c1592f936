import type { Browser, BrowserContext } from 'playwright-core';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { describeWith } from '../support/debian.js';
import { chromiumTool, launchBrowser } from './browser.js';
import { type PageServer, servePages } from './page-server.js';
import { Tab } from './tab.js';

const describeInBrowser = await describeWith(chromiumTool);

const longerThanGrace = 11_000;

describeInBrowser('the refresh cookie, in Chromium', () => {
  /** Its pages are of an allowed origin, on the API's site (localhost); by its address they are of another site. */
  let app: PageServer;
  /** No origin of its pages is allowed. */
  let stranger: PageServer;
  let instance: TestApp;
  let browser: Browser;
  let context: BrowserContext;
  let requests: string[] = [];

  beforeAll(async () => {
    [app, stranger, browser] = await Promise.all([servePages(), servePages(), launchBrowser()]);
    instance = await createTestApp('pglite', {
      env: { NODE_ENV: 'development', CORS_ORIGINS: `${app.localhost},${app.byAddress}` },
      log: (line) => requests.push(requestIn(line)),
    });
    await instance.client().register('alice');
  });
  beforeEach(async () => {
    requests = [];
    context = await browser.newContext();
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await Promise.all([browser.close(), instance.stop(), app.close(), stranger.close()]);
  });

  const open = (address: string) => Tab.open(context, address, endpoint());
  const signedIn = async (address = app.localhost) => {
    const tab = await open(address);
    await tab.signIn('alice', passwordOf('alice'));
    return tab;
  };
  const endpoint = () => `${instance.app.url}/graphql`;
  const cookies = () => context.cookies(endpoint());
  const cookieValue = async () => (await cookies())[0]?.value;

  describe('is out of the reach of script', () => {
    test('which gets no refresh token in the answer, while the browser keeps it with every attribute', async () => {
      const tab = await open(app.localhost);
      expect((await tab.signIn('alice', passwordOf('alice'))).refreshToken).toBeNull();
      expect(await cookies()).toEqual([
        expect.objectContaining({
          name: 'postern_refresh',
          httpOnly: true,
          sameSite: 'Strict',
          path: '/graphql',
          domain: 'localhost',
        }),
      ]);
    });

    test('and cannot be read or replaced from a page at its own path, where other cookies can', async () => {
      const tab = await signedIn(`${app.localhost}/graphql/page`);
      const value = await cookieValue();
      await tab.run("document.cookie = 'other=1; path=/graphql'; document.cookie = 'postern_refresh=2; path=/graphql'");
      expect(await tab.run('document.cookie')).toBe('other=1');
      expect(await tab.run('cookieStore.getAll().then((all) => all.map(({ name }) => name))')).toEqual(['other']);
      expect(await cookieValue()).toBe(value);
    });
  });

  describe('keeps the session', () => {
    test('over a reload, by a new pair', async () => {
      const tab = await signedIn();
      const before = await cookieValue();
      await tab.page.reload();
      expect(await tab.whoAmI()).toBe('MISSING');
      expect((await tab.refresh()).refreshToken).toBeNull();
      expect(await tab.whoAmI()).toBe('alice');
      expect(await cookieValue()).not.toBe(before);
    });

    test('of two tabs that refresh at the same time, again and again', async () => {
      const tabs = [await signedIn(), await open(app.localhost)];
      for (const _round of [1, 2, 3]) {
        await Promise.all(tabs.map((tab) => tab.refresh()));
        expect(await Promise.all(tabs.map((tab) => tab.whoAmI()))).toEqual(['alice', 'alice']);
        instance.clock.advance(longerThanGrace);
      }
      expect(await cookies()).toHaveLength(1);
    });

    test('of a page that the server itself serves', async () => {
      const tab = await signedIn(`${instance.app.url}/graphiql`);
      await tab.page.reload();
      await tab.refresh();
      expect(await tab.whoAmI()).toBe('alice');
    });

    test('until log-out, which takes it away', async () => {
      const tab = await signedIn();
      expect((await tab.ask('mutation { logout { sessionsEnded } }')).errors).toBeUndefined();
      expect(await cookies()).toEqual([]);
      const { data, errors } = await tab.tryToRefresh();
      expect(data).toBeNull();
      expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'TOKEN_NOT_VALID', reason: 'MISSING' } })]);
    });
  });

  describe('is of no use to pages of other origins', () => {
    test.each(['localhost', 'byAddress'] as const)('whose fetch the browser does not send (%s)', async (host) => {
      const victim = await signedIn();
      const value = await cookieValue();
      const evil = await open(stranger[host]);
      requests = [];
      await expect(evil.tryToRefresh()).rejects.toThrow('Failed to fetch');
      expect(requests).toEqual(['OPTIONS /graphql']);
      expect(await cookieValue()).toBe(value);
      await victim.refresh();
    });

    test.each([
      ['the same site, with the cookie', 'localhost', true],
      ['another site, without it', 'byAddress', false],
    ] as const)('whose forms are refused: one of %s', async (_title, host, withCookie) => {
      const victim = await signedIn();
      const value = await cookieValue();
      const { page } = await open(stranger[host]);
      await page.setContent(`<form method="post" enctype="text/plain" action="${endpoint()}">
        <input name='{"query": "mutation { refreshToken { accessToken } }", "variables": {"' value='": 1}}' />
        <button>Win a prize</button>
      </form>`);
      const [response] = await Promise.all([page.waitForNavigation(), page.click('button')]);
      expect(response?.status()).toBe(400);
      expect(await response?.text()).toContain('Cross-Site Request Forgery');
      expect((await response?.request().allHeaders())?.['cookie']).toBe(
        withCookie ? `postern_refresh=${value}` : undefined,
      );
      expect(await cookieValue()).toBe(value);
      await victim.refresh();
    });

    test('even if it is in CORS_ORIGINS, where it is of another site: SameSite keeps the cookie at home', async () => {
      await signedIn();
      const { errors } = await (await open(app.byAddress)).tryToRefresh();
      expect(errors?.[0]?.extensions).toEqual({ code: 'TOKEN_NOT_VALID', reason: 'MISSING' });
    });

    test('even where the browser asks no permission first: the server looks at the Origin itself', async () => {
      const victim = await signedIn();
      const value = await cookieValue();
      const evil = await open(stranger.localhost);
      // Playwright answers the preflights of routed requests itself, with a yes.
      await evil.page.route(endpoint(), (route) => route.continue());
      const sent = evil.page.waitForRequest(endpoint());
      requests = [];
      instance.takeStatements();
      await expect(evil.tryToRefresh()).rejects.toThrow('Failed to fetch');
      expect(await (await sent).allHeaders()).toMatchObject({
        origin: stranger.localhost,
        cookie: `postern_refresh=${value}`,
      });
      expect(requests).toEqual(['POST /graphql']);
      expect(instance.takeStatements()).toEqual([]);
      expect(await cookieValue()).toBe(value);
      await victim.refresh();
    });
  });
});

/** Method and path of a request's line in the log. */
function requestIn(line: string): string {
  const { method, path }: { method?: string; path?: string } = JSON.parse(line);
  return `${method} ${path}`;
}
