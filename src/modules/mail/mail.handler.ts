import { readMailbox } from '../../common/mailbox.js';
import type { RenderedMail } from '../outbox/outbox.types.js';
import type { OutboxHandler } from '../outbox/outbox.worker.js';
import type { MailTransport } from './outgoing-mail.js';

/** Sends a mail of the outbox. */
export function mailHandler(transport: MailTransport, mailFrom: string): OutboxHandler<RenderedMail> {
  const from = readMailbox(mailFrom);
  return (mail, { id, createdAt }, _finish, signal) =>
    transport.send({ ...mail, id, from, messageId: `<${id}@${from.domain}>`, date: createdAt }, signal);
}
