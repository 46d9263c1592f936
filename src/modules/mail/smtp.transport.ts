import { withTimeout } from '../../common/timeout.js';
import { OutboxError, type OutboxFailure } from '../outbox/outbox.types.js';
import { toMessage } from './message.js';
import type { MailTransport, OutgoingMail } from './outgoing-mail.js';

/** Of each step, in milliseconds; all of them together are within an item's lease. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, dnsTimeout: 10_000, socketTimeout: 20_000 };

/** From the first byte to the last, in milliseconds. */
const sendTimeout = 60_000;

type Transporter = ReturnType<typeof import('nodemailer')['createTransport']>;

/** Hands mails to a server (RFC 5321), over connections that it keeps for the next ones. */
export class SmtpTransport implements MailTransport {
  private transporter: Promise<Transporter> | null = null;

  constructor(private readonly url: string) {}

  async send(mail: OutgoingMail): Promise<void> {
    this.transporter ??= this.connect();
    const transporter = await this.transporter;
    try {
      await withTimeout(transporter.sendMail(toMessage(mail)), sendTimeout, timedOut);
    } catch (error) {
      throw toOutboxError(error);
    }
  }

  close(): void {
    this.transporter?.then((transporter) => transporter.close());
  }

  /** Loaded with the first mail, for most starts of the program need no mail at once. */
  private async connect(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    return createTransport({ pool: true, maxConnections: 5, url: this.url, ...timeouts });
  }
}

function timedOut(): never {
  throw new OutboxError('unreachable', 'ETIMEDOUT');
}

/** What the server said is left out: it may quote the mail. */
function toOutboxError(error: unknown): OutboxError {
  if (error instanceof OutboxError) return error;
  const { code, responseCode, permanent, command } = error as import('nodemailer').NodemailerError;
  const name = [code ?? 'ESMTP', responseCode, command].filter((part) => part !== undefined).join(' ');
  return new OutboxError(failureOf(command, responseCode, permanent), name);
}

/** Only what is said of the recipient or the text is the mail's own fault. */
function failureOf(command = '', responseCode?: number, permanent?: boolean): OutboxFailure {
  if (responseCode === undefined) return 'unreachable';
  if (!/^(RCPT|DATA|BDAT)/.test(command)) return 'unreachable';
  return permanent ? 'refused' : 'deferred';
}
