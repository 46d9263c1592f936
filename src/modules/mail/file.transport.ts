import { mkdir, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isNativeError } from 'node:util/types';
import type { Logger } from '../../common/logger.js';
import { OutboxError } from '../outbox/outbox.types.js';
import { toMessage } from './message.js';
import type { MailTransport, OutgoingMail } from './outgoing-mail.js';

/** Where mails become files without SMTP_URL. */
export function mailDirectory(dataDir: string): string {
  return resolve(dataDir, 'outbox');
}

/** Puts mails into DATA_DIR/outbox, a file `<time>-<id>.eml` each, for whoever has no mail server at hand. */
export class FileTransport implements MailTransport {
  private readonly directory: string;

  constructor(
    dataDir: string,
    private readonly logger: Logger,
  ) {
    this.directory = mailDirectory(dataDir);
  }

  async send(mail: OutgoingMail): Promise<void> {
    const path = join(this.directory, `${mail.date.toISOString().replaceAll(/[:.]/g, '-')}-${mail.id}.eml`);
    try {
      await this.write(mail, path);
    } catch (error) {
      throw new OutboxError('unreachable', isNativeError(error) && 'code' in error ? String(error.code) : 'EFILE');
    }
    this.logger.info({ id: mail.id }, `Without SMTP_URL, a mail was written to ${path}.`);
  }

  close(): void {
    // Nothing is open between two mails.
  }

  /** Its name appears only once all of it is there, and a second try has the same one. */
  private async write(mail: OutgoingMail, path: string): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.part`, 'w', 0o600);
    try {
      await file.writeFile(await compose(mail));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  }
}

async function compose(mail: OutgoingMail): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  return new MailComposer(toMessage(mail)).compile().build();
}
