import { escapeHtml } from '../../common/html.js';
import type { RenderedMail } from '../outbox/outbox.types.js';
import type { MailContent, MailTexts } from './mail.types.js';
import { greetable } from './strangers-words.js';

interface Letter {
  readonly greeting: string;
  readonly content: MailContent;
  readonly closing: string;
  readonly language: string;
}

/** Puts a mail's parts into their two forms. Nothing in the HTML is fetched from anywhere, so that no reader is tracked. */
export function layOut(
  texts: MailTexts,
  content: MailContent,
  { to, username, product }: { readonly to: string; readonly username: string; readonly product: string },
): RenderedMail {
  const { language } = texts;
  const letter = { greeting: texts.greeting(greetable(username)), content, closing: texts.closing(product), language };
  return { to, subject: content.subject, text: toText(letter), html: toHtml(letter) };
}

function toText({ greeting, content, closing }: Letter): string {
  const { paragraphs, code, action, afterwards = [] } = content;
  const parts = [
    greeting,
    ...paragraphs,
    ...(code === undefined ? [] : [`    ${code}`]),
    ...(action ? [`${action.label}:\n${action.link}`] : []),
    ...afterwards,
  ];
  return `${parts.join('\n\n')}\n\n-- \n${closing}\n`;
}

function toHtml({ greeting, content, closing, language }: Letter): string {
  const { subject, paragraphs, code, action, afterwards = [] } = content;
  const parts = [
    ...[greeting, ...paragraphs].map(paragraph),
    ...(code === undefined ? [] : [`<p style="font: 700 28px monospace; letter-spacing: 4px">${escapeHtml(code)}</p>`]),
    ...(action ? [button(action), paragraph(action.link)] : []),
    ...afterwards.map(paragraph),
    `<p style="color: #666; font-size: 13px">${escapeHtml(closing)}</p>`,
  ];
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a">
<div style="max-width: 560px; margin: 0 auto; overflow-wrap: anywhere">
${parts.join('\n')}
</div>
</body>
</html>
`;
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function button({ label, link }: NonNullable<MailContent['action']>): string {
  const style = 'display: inline-block; padding: 10px 18px; border-radius: 6px; background: #1d4ed8; color: #fff';
  return `<p><a href="${escapeHtml(link)}" style="${style}; text-decoration: none">${escapeHtml(label)}</a></p>`;
}
