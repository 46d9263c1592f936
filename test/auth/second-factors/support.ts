import { generateSync } from 'otplib';
import type { TestApp } from '../../support/app.js';
import { type Answer, type Pair, passwordOf, type TestClient } from '../../support/client.js';
import { codeIn, type Mail } from '../../support/mails.js';
import { pairFields } from '../support.js';

export type Method = 'EMAIL' | 'TOTP' | 'RECOVERY_CODE';

export interface Challenge {
  readonly challengeToken: string;
  readonly methods: readonly Method[];
  readonly expiresAt: string;
}

export interface Enrolment {
  readonly enrolmentToken: string;
  readonly method: Method;
  readonly totpSecret: string | null;
  readonly otpauthUrl: string | null;
  readonly qrCode: string | null;
  readonly expiresAt: string;
}

export interface Confirmation {
  readonly factor: { readonly method: Method; readonly confirmedAt: string; readonly lastUsedAt: string | null };
  readonly recoveryCodes: readonly string[];
}

const obtain = `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) {
  __typename ... on TokenPair { ${pairFields} } ... on SecondFactorChallenge { challengeToken methods expiresAt } } }`;
const complete = `mutation ($input: CompleteSecondFactorInput!) {
  completeSecondFactor(input: $input) { ${pairFields} } }`;
export const resend =
  'mutation ($token: String!) { resendSecondFactorCode(challengeToken: $token) { challengeToken methods expiresAt } }';
export const start = `mutation ($method: SecondFactorMethod!, $password: String) {
  startSecondFactor(method: $method, password: $password) {
    enrolmentToken method totpSecret otpauthUrl qrCode expiresAt } }`;
export const confirm = `mutation ($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) { factor { method confirmedAt lastUsedAt } recoveryCodes } }`;
export const disable = `mutation ($input: DisableSecondFactorInput!) {
  disableSecondFactor(input: $input) { id email secondFactors { method } } }`;
export const regenerate = 'mutation ($password: String!) { regenerateRecoveryCodes(password: $password) }';

/** What an authenticator shows, so many steps of 30 seconds from now. */
export function totpCode({ clock }: TestApp, secret: string, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(clock.now() / 1_000) + 30 * steps });
}

/** The newest mail to a user of the tests. */
export async function lastMail(instance: TestApp, username: string): Promise<Mail> {
  const mail = (await instance.mailsTo(`${username}@example.com`)).at(-1);
  if (mail === undefined) throw new Error(`There is no mail to ${username}.`);
  return mail;
}

/** The newest code that was mailed to a user of the tests. */
export async function mailedCode(instance: TestApp, username: string): Promise<string> {
  const mails = await instance.mailsTo(`${username}@example.com`);
  const mail = mails.findLast(({ text }) => /^ {4}\d{6}$/m.test(text));
  if (mail === undefined) throw new Error(`There is no code for ${username}.`);
  return codeIn(mail);
}

export async function begin(client: TestClient, method: Method): Promise<Enrolment> {
  return (await client.data<{ startSecondFactor: Enrolment }>(start, { method })).startSecondFactor;
}

export async function confirmWith(client: TestClient, enrolmentToken: string, code: string): Promise<Confirmation> {
  const input = { enrolmentToken, code };
  return (await client.data<{ confirmSecondFactor: Confirmation }>(confirm, { input })).confirmSecondFactor;
}

/** Switches TOTP on for whoever is signed in. */
export async function switchOnTotp(
  instance: TestApp,
  client: TestClient,
): Promise<{ secret: string; recoveryCodes: readonly string[] }> {
  const { enrolmentToken, totpSecret } = await begin(client, 'TOTP');
  const secret = String(totpSecret);
  const { recoveryCodes } = await confirmWith(client, enrolmentToken, totpCode(instance, secret));
  // The step of that code is used up.
  instance.clock.advance(30_000);
  return { secret, recoveryCodes };
}

/** Switches codes by e-mail on for whoever is signed in. */
export async function switchOnEmail(
  instance: TestApp,
  client: TestClient,
  username: string,
): Promise<readonly string[]> {
  const { enrolmentToken } = await begin(client, 'EMAIL');
  const { recoveryCodes } = await confirmWith(client, enrolmentToken, await mailedCode(instance, username));
  // So that the next mail is the newest.
  instance.clock.advance(1_000);
  return recoveryCodes;
}

/** Signs in with the password as far as the second factor. */
export async function challengeOf(client: TestClient, username: string, more: object = {}): Promise<Challenge> {
  const input = { username, password: passwordOf(username), ...more };
  const { obtainToken } = await client.data<{ obtainToken: Challenge }>(obtain, { input });
  if (obtainToken.challengeToken === undefined) throw new Error('No second factor was asked for.');
  return obtainToken;
}

/** Tries a code, and returns whatever comes of it. */
export function tryCode(
  client: TestClient,
  { challengeToken }: Pick<Challenge, 'challengeToken'>,
  method: Method,
  code: string,
  more: object = {},
): Promise<Answer<{ completeSecondFactor: Pair } | null>> {
  return client.query(complete, { input: { challengeToken, method, code, ...more } });
}

/** A code of six digits that is not this one. */
export function wrong(code: string): string {
  return String((Number(code) + 123_456) % 1_000_000).padStart(6, '0');
}
