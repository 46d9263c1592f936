import { escapeHtml, inlineJson } from '../../common/html.js';
import { script } from './script.js';
import { style } from './style.js';
import type { AccountPageName, AccountPageTexts } from './texts.js';

/** What the button sends; `$token` and `$password` are the page's to fill in. */
const operations: Readonly<Record<AccountPageName, string>> = {
  'verify-email': 'mutation VerifyEmail($token: String!) { verifyEmail(token: $token) { id } }',
  'reset-password':
    'mutation ResetPassword($token: String!, $password: String!) { resetPassword(input: { token: $token, newPassword: $password }) }',
  'not-me': 'mutation Disavow($token: String!) { disavow(token: $token) }',
};

/** The whole page, in one file. Its form is hidden until the script has found a token. */
export function accountPage(name: AccountPageName, texts: AccountPageTexts, product: string): string {
  const page = texts.pages[name];
  const { noToken, problems, issues } = texts;
  const data = { ...page.endings, noToken, problems, issues };
  return `<!doctype html>
<html lang="${texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(`${page.title} · ${product}`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<p class="product">${escapeHtml(product)}</p>
<h1 tabindex="-1">${escapeHtml(page.title)}</h1>
<p id="ending" hidden></p>
<noscript><p>${escapeHtml(texts.noScript)}</p></noscript>
<form hidden novalidate data-operation="${escapeHtml(operations[name])}">
${page.paragraphs.map(paragraph).join('\n')}
${consequences(page.consequences)}${name === 'reset-password' ? passwordField(texts.password) : ''}
<p id="problem" role="alert"></p>
<button>${escapeHtml(page.button)}</button>
</form>
</main>
<script type="application/json" id="texts">${inlineJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function consequences(items: readonly string[] | undefined): string {
  if (items === undefined) return '';
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}

function passwordField({ label, hint, show }: AccountPageTexts['password']): string {
  return `<label for="password">${escapeHtml(label)}</label>
<input id="password" type="password" autocomplete="new-password" required aria-describedby="issues hint">
<ul id="issues" aria-live="polite"></ul>
<p id="hint">${escapeHtml(hint)}</p>
<label class="choice"><input id="show" type="checkbox"> ${escapeHtml(show)}</label>`;
}
