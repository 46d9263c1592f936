import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';

/** A mail as its reader sees it. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a message as it went over the wire, or into a file. */
export async function parseMail(source: string | Buffer): Promise<Mail> {
  const { to, subject, text, html, headers } = await PostalMime.parse(source);
  return {
    to: to?.map(({ address }) => address ?? '').join(', ') ?? '',
    subject: subject ?? '',
    text: text ?? '',
    html: html ?? '',
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
  };
}

/** By the path of their file, which never changes; nobody parses a mail for each time that somebody looks for one. */
const parsed = new Map<string, Promise<Mail>>();

/** The mails that a server without SMTP_URL has put into its DATA_DIR, oldest first. */
export async function readMails(dataDir: string): Promise<Mail[]> {
  const directory = join(dataDir, 'outbox');
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(files.map((name) => mailIn(join(directory, name))));
}

function mailIn(file: string): Promise<Mail> {
  const mail = parsed.get(file) ?? readFile(file).then(parseMail);
  parsed.set(file, mail);
  return mail;
}

/** The token in the first link of a mail. */
export function tokenIn({ text }: Pick<Mail, 'text'>): string {
  const token = /#token=([\w-]+)/.exec(text)?.[1];
  if (token === undefined) throw new Error('The mail has no link.');
  return token;
}

/** The code that a mail wants typed. */
export function codeIn({ text }: Pick<Mail, 'text'>): string {
  const code = /^ {4}(\d{6})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error('The mail has no code.');
  return code;
}
