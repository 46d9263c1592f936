import fc from 'fast-check';
import { mailLanguages } from '../../src/config/types.js';
import { layOut } from '../../src/modules/mail/layout.js';
import type { MailFacts, MailTemplate, MailTexts } from '../../src/modules/mail/mail.types.js';
import { textsByLanguage } from '../../src/modules/mail/mailer.js';
import type { RenderedMail } from '../../src/modules/outbox/outbox.types.js';

const link = 'https://postern.example.com/page?a=1&b=2#token=abc_DEF-123';
const code = '042042';

/** A notice's facts, in the words of whoever brings it about. */
function noticeIn(words: string) {
  return { ipAddress: '192.0.2.1', userAgent: words, at: new Date('2026-11-26T10:14:59Z'), disavowLink: link };
}

/** The facts of every template; those that a person chooses are these words. */
function factsIn(words: string): MailFacts {
  const notice = noticeIn(words);
  return {
    verifyEmail: { link },
    verifyNewEmail: { link },
    resetPassword: { link },
    signInCode: { code },
    enrolmentCode: { code },
    newDevice: notice,
    passwordChanged: notice,
    passwordReset: notice,
    emailChangeRequested: { ...notice, newEmail: 'new@example.com' },
    emailChanged: { ...notice, newEmail: 'new@example.com' },
    secondFactorAdded: { ...notice, method: 'TOTP' },
    secondFactorRemoved: { ...notice, method: 'EMAIL' },
    recoveryCodesRenewed: notice,
    recoveryCodeUsed: { ...notice, left: 7 },
    passkeyAdded: { ...notice, name: words },
    passkeyRemoved: { ...notice, name: words },
    codesGuessed: notice,
    tokenReused: notice,
    accountDeleted: { ipAddress: '192.0.2.1', userAgent: words, at: notice.at },
  };
}

const allFacts = factsIn('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0');
const templates = Object.keys(allFacts) as MailTemplate[];
const all = mailLanguages.flatMap((language) => templates.map((template) => [language, template] as const));

function render(texts: MailTexts, template: MailTemplate, facts: MailFacts, username = 'alice'): RenderedMail {
  const contentOf = <Template extends MailTemplate>(name: Template) => texts.contents[name](facts[name], 'Postern');
  return layOut(texts, contentOf(template), { to: 'alice@example.com', username, product: 'Postern' });
}

/** What HTML says to a reader, its tags aside. */
function readable(html: string): string {
  const body = html.slice(html.indexOf('<body'));
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return body
    .replace(/<[^>]*>/g, '\n')
    .replace(/&([a-z]+|#\d+);/g, (_, name: string) => entities[name] ?? '?')
    .replace(/\s+/g, ' ')
    .trim();
}

describe.each(all)('in %s, the mail %s', (language, template) => {
  const texts = textsByLanguage[language];
  const mail = render(texts, template, allFacts);

  test('has a subject, a greeting and all that there is to say', () => {
    expect(mail.to).toBe('alice@example.com');
    expect(mail.subject).toContain('Postern');
    expect(mail.subject.length).toBeLessThan(78);
    for (const text of [mail.text, readable(mail.html)]) {
      expect(text).toContain('alice');
      expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
    }
  });

  test('has the link or the code of its facts, in both of its parts', () => {
    const facts = allFacts[template];
    const expected = 'code' in facts ? code : template === 'accountDeleted' ? '192.0.2.1' : link;
    expect(mail.text).toContain(expected);
    expect(readable(mail.html)).toContain(expected);
  });

  test('says the same in HTML as in text', () => {
    const text = mail.text.replace('\n-- \n', '\n').replace(`:\n${link}`, ` ${link}`).replace(/\s+/g, ' ').trim();
    expect(readable(mail.html)).toBe(text);
  });

  test('has nothing in its HTML that is fetched, and no link but the one', () => {
    expect(mail.html).not.toMatch(
      /\bsrc\s*=|url\(|@import|<(img|link|script|style|iframe|object|form|base|meta http)/i,
    );
    const links = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, target]) => target);
    expect(links).toEqual(mail.text.includes(link) ? [link.replaceAll('&', '&amp;')] : []);
    expect(mail.html.replaceAll(link.replaceAll('&', '&amp;'), '')).not.toMatch(/https?:/);
    expect(mail.html).toContain(`<html lang="${language}">`);
  });
});

test('a notice tells when it happened, from where, and by which program', () => {
  expect(render(textsByLanguage.en, 'newDevice', allFacts).text).toContain(
    'It happened at 2026-11-26 10:14 UTC, from the address 192.0.2.1, with Firefox, Linux.',
  );
  expect(render(textsByLanguage.de, 'newDevice', allFacts).text).toContain(
    'Das geschah am 2026-11-26 um 10:14 UTC, von der Adresse 192.0.2.1, mit Firefox, Linux.',
  );
});

/** What somebody might send to a stranger through us. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'https://evil.example/free-money',
    'evil.example',
    'Firefox/1.0 www.evil.example Linux',
    'curl/8.5 (+http://evil.example)',
    '<img src="https://evil.example/x.png">',
    '"><script>alert(1)</script>',
    "' onclick='x",
    'first line\r\n\r\nhttps://evil.example',
    'mallory@evil.example',
    '//evil.example\u2028next',
    '&lt;b&gt;',
  ),
);

test.each(all)(
  'in %s, the mail %s makes no link and no markup of what a stranger calls things',
  (language, template) => {
    const texts = textsByLanguage[language];
    const plain = render(texts, template, allFacts);
    const structure = (html: string) => (html.match(/<[^>]*>/g) ?? []).join('');
    fc.assert(
      fc.property(hostile, (words) => {
        const { text, html } = render(texts, template, factsIn(words), words);
        const own = [link, link.replaceAll('&', '&amp;'), '192.0.2.1', 'new@example.com'];
        for (const part of [text, readable(html)]) {
          const rest = own.reduce((left, known) => left.replaceAll(known, ' '), part);
          expect(rest).not.toMatch(/:\/\/|\w@\w|\p{L}\.\p{L}/u);
        }
        expect(text.split('\n')).toHaveLength(plain.text.split('\n').length);
        expect(structure(html)).toBe(structure(plain.html));
      }),
      { numRuns: 30 },
    );
  },
);

test('names and addresses in texts are escaped, not lost', () => {
  const texts = textsByLanguage.en;
  const content = { subject: 'A & B', paragraphs: [`<b>"it's"</b> & more`], code: '<1>' };
  const { html, text } = layOut(texts, content, { to: 'a@example.com', username: 'alice', product: 'P & Q' });
  expect(text).toContain(`<b>"it's"</b> & more`);
  expect(html).toContain('&lt;b&gt;&quot;it&#39;s&quot;&lt;/b&gt; &amp; more');
  expect(html).toContain('<title>A &amp; B</title>');
  expect(html).toContain('P &amp; Q');
  expect(html).toContain('&lt;1&gt;');
});

test.each([
  ['alice', 'Hello alice,'],
  ['Alice_B-2+x', 'Hello Alice_B-2+x,'],
  ['win.example', 'Hello,'],
  ['alice@example.com', 'Hello,'],
])('whoever is called %s is greeted with "%s"', (username, greeting) => {
  expect(render(textsByLanguage.en, 'verifyEmail', allFacts, username).text.split('\n')[0]).toBe(greeting);
});

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Chrome, Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    'Edge, Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    'Safari, macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
    'Safari, iOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1',
    'Chrome, iOS',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
    'Samsung Internet, Android',
  ],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0',
    'Opera, ChromeOS',
  ],
  ['curl/8.5.0', 'curl'],
  ['PostmanRuntime/7.49.1', 'PostmanRuntime'],
])('%s is told as %s', (userAgent, program) => {
  const facts = { ...allFacts, newDevice: { ...noticeIn(userAgent) } };
  expect(render(textsByLanguage.en, 'newDevice', facts).text).toContain(`192.0.2.1, with ${program}.\n`);
});

test.each([null, '', 'Mozilla/5.0', 'evil.example/1.0', '42'])('of the program %p nothing is told', (userAgent) => {
  const facts = { ...allFacts, newDevice: { ...noticeIn(''), userAgent } };
  expect(render(textsByLanguage.en, 'newDevice', facts).text).toContain('from the address 192.0.2.1.\n');
});

test.each([
  ['Alice’s iPhone (blue) & Watch', 'Alice’s iPhone (blue) & Watch'],
  ['https://evil.example/', 'https evil example'],
  ['two\nlines', 'two lines'],
  ['...', '?'],
  ['x'.repeat(100), 'x'.repeat(60)],
])('a passkey called %j is told as “%s”', (name, told) => {
  const facts = { ...allFacts, passkeyAdded: { ...noticeIn(''), name } };
  expect(render(textsByLanguage.en, 'passkeyAdded', facts).text).toContain(`“${told}”`);
});
