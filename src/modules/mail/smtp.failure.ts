import { isNativeError } from 'node:util/types';
import type { NodemailerError } from 'nodemailer';
import { OutboxError, type OutboxFailure } from '../outbox/outbox.types.js';

/** What became of a try to send a mail. What the server said is left out, for it may quote the mail. */
export function toOutboxError(error: unknown): OutboxError {
  const failure: NodemailerError = isNativeError(error) ? error : new Error('unknown');
  const { code = failure.name, originalCode, timeoutType, responseCode, command } = failure;
  const parts = [code, originalCode, timeoutType, responseCode, enhancedStatus(failure), command];
  return new OutboxError(failureOf(failure), parts.filter((part) => part !== undefined).join(' '));
}

/** Closes the service, and wants a login or TLS first: said of us, at whatever command. */
const ofTheSession: readonly unknown[] = [421, 530];

/**
 * Only what is said of the recipient or the text is the mail's own fault. A policy (5.7.x, RFC 3463 section 3.8) may be
 * against the sender as a whole, such as "relay denied": there is time to mend that before the mail is given up.
 */
function failureOf(failure: NodemailerError): OutboxFailure {
  const { code, command = '', responseCode, permanent } = failure;
  // No server has seen it: Nodemailer itself knows that it cannot be sent.
  if (command === 'API' && code === 'EENVELOPE') return 'refused';
  if (!/^(RCPT|DATA)/.test(command) || responseCode === undefined || ofTheSession.includes(responseCode))
    return 'unreachable';
  return permanent && !enhancedStatus(failure)?.startsWith('5.7.') ? 'refused' : 'deferred';
}

/** RFC 2034 */
function enhancedStatus({ response = '' }: NodemailerError): string | undefined {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
}
