import type { OutgoingMail } from './outgoing-mail.js';

/** What Nodemailer makes a message of. Nobody is to answer it by a machine (RFC 3834, section 5). */
export function toMessage({ from: { name, address }, to, subject, text, html, messageId, date }: OutgoingMail) {
  return {
    // As objects, so that a name or an address with odd characters in it stays one.
    from: { name, address },
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId,
    date,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    xMailer: false as const,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
