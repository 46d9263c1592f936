import type { TestApp } from '../../support/app.js';
import type { Answer, Pair, TestClient } from '../../support/client.js';
import { pairFields } from '../support.js';
import { type Algorithm, Authenticator, type CredentialJson, type Forgery } from './authenticator.js';

/** The relying party of the tests: PUBLIC_URL and an app below its host. */
const publicUrl = 'https://postern.example.com';
export const appOrigin = 'https://app.postern.example.com';
export const env = { PUBLIC_URL: publicUrl, CORS_ORIGINS: `${appOrigin},https://elsewhere.example.com` };

export interface Challenge {
  readonly token: string;
  readonly expiresAt: string;
  readonly options: { readonly challenge: string } & Record<string, unknown>;
}

export interface PasskeyJson {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export const start = `mutation ($password: String) { startPasskeyRegistration(password: $password) { token options expiresAt } }`;
const finish = `mutation ($input: FinishPasskeyRegistrationInput!) {
  finishPasskeyRegistration(input: $input) { id name backedUp createdAt lastUsedAt }
}`;
export const remove =
  'mutation ($id: ID!, $password: String) { removePasskey(id: $id, password: $password) { id name } }';

export function authenticator(algorithm?: Algorithm, counter?: number): Authenticator {
  return new Authenticator(publicUrl, 'postern.example.com', algorithm, counter);
}

export async function startRegistration(client: TestClient, password?: string): Promise<Challenge> {
  const { startPasskeyRegistration } = await client.data<{ startPasskeyRegistration: Challenge }>(start, { password });
  return startPasskeyRegistration;
}

export function finishRegistration(
  client: TestClient,
  { token }: Pick<Challenge, 'token'>,
  response: CredentialJson | Record<string, unknown>,
  name = 'my key',
): Promise<Answer<{ finishPasskeyRegistration: PasskeyJson } | null>> {
  return client.query(finish, { input: { token, response, name } });
}

/** Adds the authenticator's passkey to the caller's. */
export async function addPasskey(client: TestClient, own: Authenticator, name?: string): Promise<PasskeyJson> {
  const challenge = await startRegistration(client);
  const { data, errors } = await finishRegistration(client, challenge, own.create(challenge.options), name);
  if (!data) throw new Error(`No passkey: ${JSON.stringify(errors)}`);
  return data.finishPasskeyRegistration;
}

export async function passkeysOf(client: TestClient): Promise<PasskeyJson[]> {
  const { me } = await client.data<{ me: { passkeys: PasskeyJson[] } }>(
    '{ me { passkeys { id name backedUp createdAt lastUsedAt } } }',
  );
  return me.passkeys;
}

const startSignIn = 'mutation { startPasskeySignIn { token options expiresAt } }';
const completeSignIn = `mutation ($input: CompletePasskeySignInInput!) {
  completePasskeySignIn(input: $input) { ${pairFields} }
}`;

export async function startingSignIn(client: TestClient): Promise<Challenge> {
  const { startPasskeySignIn } = await client.data<{ startPasskeySignIn: Challenge }>(startSignIn);
  return startPasskeySignIn;
}

export function completingSignIn(
  client: TestClient,
  { token }: Pick<Challenge, 'token'>,
  response: CredentialJson | Record<string, unknown>,
  more: object = {},
): Promise<Answer<{ completePasskeySignIn: Pair } | null>> {
  return client.query(completeSignIn, { input: { token, response, ...more } });
}

/** A whole sign-in, with or without forgery. */
export async function signInBy(
  client: TestClient,
  own: Authenticator,
  forgery: Forgery = {},
): Promise<Answer<{ completePasskeySignIn: Pair } | null>> {
  const challenge = await startingSignIn(client);
  return completingSignIn(client, challenge, own.get(challenge.options, forgery));
}

let users = 0;

/** A client of a new user who has just signed in. */
export async function newcomer(instance: TestApp): Promise<TestClient & { readonly username: string }> {
  const username = `newcomer${++users}`;
  const client = instance.client();
  await client.register(username);
  await client.signIn(username);
  return Object.assign(client, { username });
}
