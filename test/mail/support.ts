import type { NewMail } from '../../src/modules/mail/mail.types.js';
import type { TestApp } from '../support/app.js';

export const second = 1_000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

export const secretLink = 'https://postern.example.com/reset-password#token=a-secret-token';

/** A mail to the address, with a secret in it. */
export function mailTo(to: string): NewMail {
  return { template: 'resetPassword', facts: { link: secretLink }, to, userId: null, username: 'alice' };
}

export async function post({ app }: TestApp, ...addresses: readonly string[]): Promise<void> {
  const em = app.database.fork();
  for (const to of addresses) await app.services.mailer.post(em, mailTo(to));
}

/** So many addresses. */
export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user${String(index).padStart(3, '0')}@example.com`);
}

export const deliver = ({ app }: TestApp): Promise<void> => app.services.outbox.deliver();

export interface Row {
  readonly attempts: number;
  readonly failed_at: string | null;
  readonly last_error: string | null;
}

/** What is left in the outbox. */
export function rows({ app }: TestApp): Promise<Row[]> {
  return app.database.fork().execute('select attempts, failed_at, last_error from outbox order by id');
}
