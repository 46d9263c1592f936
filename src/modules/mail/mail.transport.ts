import type { Config } from '../../config.js';
import { FileTransport } from './file.transport.js';
import type { MailTransport } from './outgoing-mail.js';
import { SmtpTransport } from './smtp.transport.js';

/** By SMTP_URL, or without it into files. */
export function createMailTransport({ mail, database }: Pick<Config, 'mail' | 'database'>): MailTransport {
  return mail.smtpUrl === null ? new FileTransport(database.dataDir) : new SmtpTransport(mail.smtpUrl);
}
