import { createHash } from 'node:crypto';
import { parse, validate } from 'graphql';
import { createBareSchema } from '../../src/graphql/schema.js';
import { de } from '../../src/http/account-pages/de.js';
import { en } from '../../src/http/account-pages/en.js';
import { newPasswordRule, passwordIssues } from '../../src/modules/users/user.rules.js';
import { startHttp, type TestHttp } from './support.js';

const pages = ['verify-email', 'reset-password', 'not-me'] as const;

/** The text of each element of the name, with its attributes before it. */
function elements(html: string, name: string): [attributes: string, text: string][] {
  const found = html.matchAll(new RegExp(`<${name}([^>]*)>([\\s\\S]*?)</${name}>`, 'g'));
  return [...found].map(([, attributes = '', text = '']) => [attributes, text]);
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe.each(pages)('the page /%s', (page) => {
  let http: TestHttp;
  let answer: Awaited<ReturnType<TestHttp['app']['inject']>>;

  beforeAll(async () => {
    http = await startHttp({ environment: 'production', mail: { from: 'Fish & Chips <mail@example.com>' } });
    answer = await http.app.inject({ url: `/${page}` });
  });
  afterAll(() => http.close());

  test('is served in production too', () => {
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test('lets its own script and style run, and nothing else', () => {
    const scripts = elements(answer.body, 'script').filter(([attributes]) => !attributes.includes('application/json'));
    const styles = elements(answer.body, 'style');
    expect([scripts.length, styles.length]).toEqual([1, 1]);
    expect(String(answer.headers['content-security-policy']).split(';')).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(scripts[0]?.[1] ?? '')}`,
      `style-src ${hashOf(styles[0]?.[1] ?? '')}`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(answer.body).not.toMatch(/ on\w+=| style=/);
  });

  test('is kept by no cache, framed by nobody and named to nobody', () => {
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  test('refers to nothing that would have to be fetched', () => {
    const [, ...rest] = answer.body.split('<link rel="icon" href="data:,">');
    expect(rest).toHaveLength(1);
    expect(rest.join('')).not.toMatch(/\b(src|href|action)=|url\(|@import|https?:/);
  });

  test('says the name of the product, whatever characters it has', () => {
    expect(answer.body).toContain('<p class="product">Fish &amp; Chips</p>');
    expect(elements(answer.body, 'title')[0]?.[1]).toContain(' · Fish &amp; Chips');
  });

  test('tells those without JavaScript why it does nothing', () => {
    expect(elements(answer.body, 'noscript')[0]?.[1]).toContain('needs JavaScript');
  });

  test('sends an operation of the schema', () => {
    const operation = /data-operation="([^"]+)"/.exec(answer.body)?.[1] ?? '';
    expect(validate(createBareSchema(), parse(operation))).toEqual([]);
  });

  test('does not look at the query string, and does not write it down', async () => {
    const { statusCode, body } = await http.app.inject({ url: `/${page}?token=from-a-query` });
    expect([statusCode, body]).toEqual([200, answer.body]);
    expect(JSON.stringify(http.lines)).not.toContain('from-a-query');
  });

  test('speaks German where mails do', async () => {
    const german = await startHttp({ mail: { language: 'de' } });
    const { body } = await german.app.inject({ url: `/${page}` });
    expect(body).toContain('<html lang="de">');
    expect(body).toContain('Diese Seite braucht JavaScript.');
    await german.close();
  });

  test('is read and nothing else', async () => {
    expect((await http.app.inject({ method: 'POST', url: `/${page}`, payload: {} })).statusCode).toBe(404);
    expect((await http.app.inject({ method: 'HEAD', url: `/${page}` })).statusCode).toBe(200);
  });
});

describe.each([en, de])('the pages in $language', ({ issues }) => {
  const owner = { username: 'margarethe', email: 'correspondence@example.com' };

  test.each(['12345678', 'margarethe', 'margarethe1', 'correspondence1', 'password1'])(
    'have words of their own for what is wrong with %s',
    (password) => {
      const messages = passwordIssues(password, owner);
      expect(messages).not.toEqual([]);
      expect(Object.keys(issues)).toEqual(expect.arrayContaining(messages));
    },
  );

  test.each(['short', 'with a NUL \0'])('have words of their own for the form of %j', (password) => {
    const { error } = newPasswordRule.safeParse(password);
    expect(Object.keys(issues)).toContain(error?.issues[0]?.message);
  });
});
