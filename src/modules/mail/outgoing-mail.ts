import type { Mailbox } from '../../common/mailbox.js';
import type { RenderedMail } from '../outbox/outbox.types.js';

/** A mail as it leaves: who sends it, and what tells it from all others. */
export interface OutgoingMail extends RenderedMail {
  /** Its id in the outbox. */
  readonly id: string;
  readonly from: Mailbox;
  /** The same at every try, so that a mail that arrives twice can be told. */
  readonly messageId: string;
  readonly date: Date;
}

/** The way that mails take. */
export interface MailTransport {
  /** Resolves once the mail is another's business; rejects with OutboxError, and soon when the signal aborts. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  close(): void;
}
