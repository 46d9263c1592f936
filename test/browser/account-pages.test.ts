import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { describeWith } from '../support/debian.js';
import { tokenIn } from '../support/mails.js';
import { chromiumTool, launchBrowser } from './browser.js';

const describeInBrowser = await describeWith(chromiumTool);

const day = 86_400_000;
const phone = { width: 320, height: 640 };

describeInBrowser('the pages that links in mails lead to, in Chromium', () => {
  let instance: TestApp;
  let german: TestApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let users = 0;
  let name: string;
  /** Every request of the browser, and every complaint of a page. */
  let requests: { url: string; referrer: string }[];
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    instance = await createTestApp('pglite');
    german = await createTestApp('pglite', { env: { MAIL_LANGUAGE: 'de' } });
  });
  beforeEach(async () => {
    name = `reader${++users}`;
    await instance.client().register(name);
    await openContext({});
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await Promise.all([browser.close(), instance.stop(), german.stop()]);
  });

  async function openContext(options: Parameters<Browser['newContext']>[0]): Promise<void> {
    [requests, complaints] = [[], []];
    context = await browser.newContext(options);
    context.on('request', (request) => {
      requests.push({ url: request.url(), referrer: request.headers()['referer'] ?? '' });
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }

  /** The link of the newest mail of that subject, at the address where the server listens in this test. */
  async function linkOf(subject: RegExp, app = instance): Promise<string> {
    // What the outbox does may put another mail into it.
    await app.mailsTo(`${name}@example.com`);
    const mail = (await app.mailsTo(`${name}@example.com`)).findLast((one) => subject.test(one.subject));
    const link = /http:\/\/\S+#token=\S+/.exec(mail?.text ?? '')?.[0];
    if (link === undefined) throw new Error(`No mail to ${name} is about ${subject}.`);
    return link.replace(app.config.http.publicUrl, app.app.url);
  }

  const heading = () => page.textContent('h1');
  const ending = () => page.textContent('#ending');
  const press = async () => {
    await page.click('button');
    await page.waitForSelector('#ending:not([hidden]), #problem:not(:empty), #issues:not(:empty)');
  };
  const emailVerified = async () => {
    const client = instance.client();
    await client.signIn(name);
    const { me } = await client.data<{ me: { emailVerified: boolean } }>('{ me { emailVerified } }');
    return me.emailVerified;
  };
  const forgetPassword = async () => {
    instance.clock.advance(10 * 60_000);
    await instance.client().data('mutation ($email: String!) { requestPasswordReset(email: $email) }', {
      email: `${name}@example.com`,
    });
    return linkOf(/^A new password/);
  };

  describe('/verify-email', () => {
    test('verifies the address when the button is pressed, and not before', async () => {
      const link = await linkOf(/^Verify your address/);
      for (const method of ['GET', 'HEAD']) expect((await fetch(link, { method })).status).toBe(200);
      await page.goto(link);
      expect(await heading()).toBe('Verify your address');
      expect(await emailVerified()).toBe(false);
      await press();
      expect(await heading()).toBe('Your address is verified');
      expect(await page.title()).toBe('Your address is verified · Postern');
      expect(await page.isVisible('form')).toBe(false);
      expect(await emailVerified()).toBe(true);
      expect(complaints).toEqual([]);
    });

    test('takes the token out of the address bar, and shows it to nobody but the server’s own address', async () => {
      const link = await linkOf(/^Verify your address/);
      const token = tokenIn({ text: link });
      await page.goto(link);
      expect(page.url()).toBe(`${instance.app.url}/verify-email`);
      expect(await page.evaluate('document.documentElement.outerHTML + JSON.stringify(history.state)')).not.toContain(
        token,
      );
      await press();
      expect(requests.length).toBeGreaterThan(1);
      for (const { url, referrer } of requests) {
        expect(url === 'data:,' ? instance.app.url : new URL(url).origin).toBe(instance.app.url);
        expect(new URL(url).search).toBe('');
        expect(referrer).toBe('');
      }
      expect(requests.map(({ url }) => url)).toContain(`${instance.app.url}/graphql`);
    });

    test('says what to do about a link that was used', async () => {
      const link = await linkOf(/^Verify your address/);
      for (const title of ['Your address is verified', 'This link no longer works']) {
        await page.goto('about:blank');
        await page.goto(link);
        await press();
        expect(await heading()).toBe(title);
      }
      expect(await ending()).toContain('If you have verified the address, there is nothing to do.');
    });

    test('says what to do about a link whose time is over', async () => {
      const link = await linkOf(/^Verify your address/);
      instance.clock.advance(3 * day);
      await page.goto(link);
      await press();
      expect(await heading()).toBe('This link has expired');
      expect(await ending()).toContain('ask for another mail');
      expect(await emailVerified()).toBe(false);
    });

    test('works again where the server was out of reach', async () => {
      await page.goto(await linkOf(/^Verify your address/));
      await page.route('**/graphql', (route) => route.abort());
      await press();
      expect(await page.textContent('#problem')).toContain('cannot be reached');
      await page.unroute('**/graphql');
      await page.click('button');
      await page.waitForSelector('#ending:not([hidden])');
      expect(await heading()).toBe('Your address is verified');
    });

    test('names the request where the server is at fault', async () => {
      await page.goto(await linkOf(/^Verify your address/));
      const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-7' };
      await page.route('**/graphql', (route) => route.fulfill({ json: { data: null, errors: [{ extensions }] } }));
      await press();
      expect(await page.textContent('#problem')).toContain('with this number: request-7');
    });

    test('asks for the link where there is none, and after a reload', async () => {
      await page.goto(`${instance.app.url}/verify-email`);
      expect(await heading()).toBe('Open the link from your mail');
      const link = await linkOf(/^Verify your address/);
      // The same page, so that the browser does not load it anew.
      await page.goto(link);
      await page.waitForSelector('form:not([hidden])');
      await page.reload();
      expect(await heading()).toBe('Open the link from your mail');
      expect(await emailVerified()).toBe(false);
    });
  });

  describe('/reset-password', () => {
    test('sets the new password, once it keeps the rules', async () => {
      await page.goto(await forgetPassword());
      expect(await page.getAttribute('#password', 'autocomplete')).toBe('new-password');
      await page.fill('#password', '12345678');
      await press();
      expect(await page.locator('#issues li').allTextContents()).toEqual([
        'It must not be all digits.',
        'It is one of the passwords that are guessed first.',
      ]);
      expect(await page.getAttribute('#password', 'aria-invalid')).toBe('true');
      expect(await page.evaluate('document.activeElement.id')).toBe('password');
      await page.fill('#password', 'another horse entirely');
      await page.click('button');
      await page.waitForSelector('#ending:not([hidden])');
      expect(await heading()).toBe('Your new password is set');
      await expect(instance.client().signIn(name)).rejects.toThrow('INVALID_CREDENTIALS');
      await instance.client().signIn(name, 'another horse entirely');
      expect(complaints).toEqual([]);
    });

    test('can be done by keyboard alone, and is labelled for those who do not see it', async () => {
      await page.goto(await forgetPassword());
      const field = page.getByLabel('New password');
      await page.keyboard.press('Tab');
      expect(await field.evaluate((element) => element.matches(':focus'))).toBe(true);
      expect(await field.getAttribute('type')).toBe('password');
      await page.keyboard.type('another horse entirely');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      expect(await field.getAttribute('type')).toBe('text');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#ending:not([hidden])');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Your new password is set');
    });

    test.each([
      ['used', 0, 'This link no longer works'],
      ['too old', 60 * 60_000, 'This link has expired'],
    ])('says so where the link is %s', async (_title, wait, title) => {
      const link = await forgetPassword();
      const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
      const input = { token: tokenIn({ text: link }), newPassword: 'another horse entirely' };
      if (wait === 0) await instance.client().data(reset, { input });
      instance.clock.advance(wait);
      await page.goto(link);
      await page.fill('#password', 'a third horse altogether');
      await press();
      expect(await heading()).toBe(title);
    });
  });

  describe('/not-me', () => {
    const changePassword = async () => {
      const thief = instance.client();
      await thief.signIn(name);
      const input = { currentPassword: passwordOf(name), newPassword: 'the horse of a thief' };
      await thief.data('mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }', {
        input,
      });
      return linkOf(/^Your password .* was changed/);
    };

    test('signs everybody out, and mails a link that leads to a new password', async () => {
      const link = await changePassword();
      const thief = instance.client();
      await thief.signIn(name, 'the horse of a thief');
      await page.goto(link);
      expect(await page.locator('li').count()).toBe(3);
      expect((await thief.query('{ me { id } }')).errors).toEqual([]);
      await press();
      expect(await heading()).toBe('Everybody is signed out');
      expect((await thief.error('{ me { id } }')).extensions.reason).toBe('REVOKED');
      await expect(instance.client().signIn(name, 'the horse of a thief')).rejects.toThrow('INVALID_CREDENTIALS');

      await page.goto(await linkOf(/^A new password/));
      await page.fill('#password', 'my own horse again');
      await press();
      expect(await heading()).toBe('Your new password is set');
      await instance.client().signIn(name, 'my own horse again');
      expect(complaints).toEqual([]);
    });

    test.each([
      ['used', 0, 'This link no longer works'],
      ['too old', 7 * day, 'This link has expired'],
    ])('says so where the link is %s', async (_title, wait, title) => {
      const link = await changePassword();
      const token = tokenIn({ text: link });
      if (wait === 0) await instance.client().data('mutation ($token: String!) { disavow(token: $token) }', { token });
      instance.clock.advance(wait);
      await page.goto(link);
      await press();
      expect(await heading()).toBe(title);
    });
  });

  test.each(['light', 'dark'] as const)('fit a small phone, in German and in %s', async (colorScheme) => {
    await context.close();
    await openContext({ viewport: phone, colorScheme });
    for (const path of ['verify-email', 'reset-password', 'not-me']) {
      await page.goto('about:blank');
      await page.goto(`${german.app.url}/${path}#token=${'A'.repeat(43)}`);
      expect(await page.evaluate('document.documentElement.lang')).toBe('de');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
      const box = await page.locator('button').boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
      const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)'");
      expect(dark).toBe(colorScheme === 'dark');
    }
  });

  test('say why they do nothing where JavaScript is off', async () => {
    // As a user's setting: where Playwright switches it off, Chromium leaves out <noscript> all the same.
    const without = await launchBrowser('--blink-settings=scriptEnabled=false');
    const blank = await without.newPage();
    await blank.goto(await linkOf(/^Verify your address/));
    // By element: Playwright looks for no text within <noscript>, and with scripts on there is no element in it.
    const sentence = blank.locator('noscript p');
    expect(await sentence.isVisible()).toBe(true);
    expect(await sentence.textContent()).toContain('This page needs JavaScript.');
    expect(await blank.isVisible('button')).toBe(false);
    await without.close();
  });
});
