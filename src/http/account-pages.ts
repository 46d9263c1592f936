import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { productName } from '../common/mailbox.js';
import type { Config } from '../config.js';
import { de } from './account-pages/de.js';
import { en } from './account-pages/en.js';
import { accountPage } from './account-pages/page.js';
import { script } from './account-pages/script.js';
import { style } from './account-pages/style.js';
import type { AccountPageTexts } from './account-pages/texts.js';

/** The pages in every language that there are mails in. */
const textsByLanguage: Readonly<Record<Config['mail']['language'], AccountPageTexts>> = { en, de };

/** Nothing but this page's own script and style runs or is fetched, and nobody frames it (CSP level 3). */
const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: [hashOf(script)],
  styleSrc: [hashOf(style)],
  imgSrc: ['data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/**
 * Serves the pages that the links in mails lead to, for products that have none of their own. A GET changes nothing, since
 * mail scanners open links: only a press of the button sends the token, which never stands in a request's line.
 */
export function registerAccountPages(app: FastifyInstance, { language, from }: Config['mail']): void {
  const texts = textsByLanguage[language];
  const helmet = { contentSecurityPolicy: { useDefaults: false, directives: policy } };
  for (const name of ['verify-email', 'reset-password', 'not-me'] as const) {
    const html = accountPage(name, texts, productName(from));
    app.get(`/${name}`, { helmet }, async (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  }
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
