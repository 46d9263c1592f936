import type { TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';
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
  verifyNew: /^Verify your new address/,
  changeRequested: /^Your address .* is about to change/,
  changed: /^Your address .* was changed/,
  reset: /^A new password/,
  passwordChanged: /^Your password .* was changed/,
  deleted: /^Your account .* is gone/,
  tokenReused: /^A session .* was ended/,
  passwordReset: /^Your password .* was reset/,
} as const;

/** Somebody who has just made an account and signed in. */
export interface Newcomer {
  readonly client: TestClient;
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly password: string;
}

let count = 0;

export async function newcomer(instance: TestApp): Promise<Newcomer> {
  // Two mails of one instant would be in no order.
  instance.clock.advance(1_000);
  const name = `user${++count}`;
  const client = instance.client();
  const { id } = await client.register(name);
  await client.signIn(name);
  return { client, id, name, address: `${name}@example.com`, password: passwordOf(name) };
}

/** The same with a verified address. */
export async function verifiedNewcomer(instance: TestApp): Promise<Newcomer> {
  const somebody = await newcomer(instance);
  const token = await linkTo(instance, somebody.address, subjects.verify);
  await somebody.client.data(verifyEmail, { token });
  return somebody;
}

export const verifyEmail = 'mutation ($token: String!) { verifyEmail(token: $token) { username email emailVerified } }';
