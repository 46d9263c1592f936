import type { Logger } from '../../common/logger.js';
import { OutboxError } from '../outbox/outbox.types.js';
import { toMessage } from './message.js';
import type { MailTransport, OutgoingMail } from './outgoing-mail.js';
import { toOutboxError } from './smtp.failure.js';

/** In milliseconds. */
export interface SmtpTimeouts {
  /** From looking the server's name up to the end of its greeting. */
  readonly greeting: number;
  /** For each answer of the server. */
  readonly answer: number;
  /** For a mail from its first byte to its last, waiting for a connection included; within an item's lease. */
  readonly mail: number;
}

const defaultTimeouts: SmtpTimeouts = { greeting: 10_000, answer: 20_000, mail: 60_000 };

type Transporter = ReturnType<typeof createPool>;

/** Hands mails to a server (RFC 5321), over connections that it keeps for the next ones. */
export class SmtpTransport implements MailTransport {
  private readonly timeouts: SmtpTimeouts;
  private transporter: Transporter | undefined;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
    timeouts: Partial<SmtpTimeouts> = {},
  ) {
    this.timeouts = { ...defaultTimeouts, ...timeouts };
  }

  async send(mail: OutgoingMail, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(this.timeouts.mail);
    try {
      const transporter = await this.connect();
      await transporter.sendMail({ ...toMessage(mail), signal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
      throw timeout.aborted ? new OutboxError('unreachable', 'ETIMEDOUT') : toOutboxError(error);
    }
    this.logger.info({ id: mail.id }, 'A mail was handed to the mail server.');
  }

  /** Mails that are under way fail. */
  close(): void {
    this.closed = true;
    this.transporter?.close({ force: true });
  }

  /** Loaded with the first mail, for most starts of the program need no mail at once. */
  private async connect(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    if (this.closed) throw new OutboxError('unreachable', 'ECLOSED');
    this.transporter ??= createPool(createTransport, this.url, this.timeouts);
    return this.transporter;
  }
}

function createPool(
  createTransport: typeof import('nodemailer')['createTransport'],
  url: string,
  { greeting, answer }: SmtpTimeouts,
) {
  return createTransport({
    pool: true,
    maxConnections: 5,
    // Once, for a connection that the server closed while it was idle; all else is the outbox's to decide.
    maxRequeues: 1,
    idleTimeout: 30_000,
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    dnsTimeout: greeting,
    socketTimeout: answer,
    socketCloseTimeout: 1_000,
    requireTLS: wantsTls(new URL(url)),
    // Last, for what it says in its query takes the place of the above.
    url,
  });
}

/** A password goes to another machine under TLS only (RFC 8314, section 3.3). */
function wantsTls({ password, hostname }: URL): boolean {
  return password !== '' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
