import type { TestApp } from '../support/app.js';
import { type Mail, tokenIn } from '../support/mails.js';

export const hour = 3_600_000;
export const day = 24 * hour;

/** The mails to the address with that subject, oldest first; what the outbox does may put another mail into it. */
export async function mailsAbout(instance: TestApp, address: string, subject: RegExp): Promise<Mail[]> {
  await instance.mailsTo(address);
  return (await instance.mailsTo(address)).filter((mail) => subject.test(mail.subject));
}

/** The token of the link in the last of those mails. */
export async function linkTo(instance: TestApp, address: string, subject: RegExp): Promise<string> {
  const mail = (await mailsAbout(instance, address, subject)).at(-1);
  if (mail === undefined) throw new Error(`No mail to ${address} is about ${subject}.`);
  return tokenIn(mail);
}

export const subjects = {
  verify: /^Verify your address/,
} as const;
