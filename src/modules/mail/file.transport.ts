import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { OutboxError } from '../outbox/outbox.types.js';
import { toMessage } from './message.js';
import type { MailTransport, OutgoingMail } from './outgoing-mail.js';

/** Puts mails into DATA_DIR/outbox, a file `<time>-<id>.eml` each, for whoever has no mail server at hand. */
export class FileTransport implements MailTransport {
  readonly directory: string;

  constructor(dataDir: string) {
    this.directory = join(dataDir, 'outbox');
  }

  async send(mail: OutgoingMail): Promise<void> {
    try {
      await this.write(mail);
    } catch (error) {
      throw new OutboxError('unreachable', error instanceof Error && 'code' in error ? String(error.code) : 'EFILE');
    }
  }

  close(): void {
    // Nothing is open between two mails.
  }

  /** Its name appears only once all of it is there, and a second try has the same one. */
  private async write(mail: OutgoingMail): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, nameOf(mail));
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

function nameOf({ date, messageId }: OutgoingMail): string {
  const id = messageId.replace(/^<|@.*$/g, '');
  return `${date.toISOString().replaceAll(/[:.]/g, '-')}-${id}.eml`;
}
