import type { Logger } from '../../common/logger.js';
import type { Config } from '../../config.js';
import { FileTransport } from './file.transport.js';
import type { MailTransport } from './outgoing-mail.js';
import { type SmtpTimeouts, SmtpTransport } from './smtp.transport.js';

/** By SMTP_URL, or without it into files. */
export function createMailTransport(
  { mail, database }: Pick<Config, 'mail' | 'database'>,
  logger: Logger,
  timeouts?: Partial<SmtpTimeouts>,
): MailTransport {
  if (mail.smtpUrl === null) return new FileTransport(database.dataDir, logger);
  return new SmtpTransport(mail.smtpUrl, logger, timeouts);
}
