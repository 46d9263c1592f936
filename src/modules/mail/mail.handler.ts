import type { EntityManager } from '@mikro-orm/sql';
import type { RenderedMail } from '../outbox/outbox.types.js';
import type { OutboxHandler } from '../outbox/outbox.worker.js';
import type { MailTransport } from './outgoing-mail.js';

/** Sends a mail of the outbox. */
export function mailHandler(
  transport: MailTransport,
  from: string,
  fork: () => EntityManager,
): OutboxHandler<RenderedMail> {
  const domain = /@([^>\s]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return async (mail, { id, createdAt }, finish) => {
    await transport.send({ ...mail, from, messageId: `<${id}@${domain}>`, date: createdAt });
    await finish(fork());
  };
}
