import type { TestApp } from '../../support/app.js';
import type { Answer, TestClient } from '../../support/client.js';
import { type Algorithm, Authenticator, type CredentialJson } from './authenticator.js';

/** The relying party of the tests: PUBLIC_URL and an app below its host. */
export const publicUrl = 'https://postern.example.com';
export const appOrigin = 'https://app.postern.example.com';
export const env = { PUBLIC_URL: publicUrl, CORS_ORIGINS: `${appOrigin},https://elsewhere.example.com` };

export interface Challenge {
  readonly token: string;
  readonly expiresAt: string;
  readonly options: { readonly challenge: string; readonly user: { readonly id: string } } & Record<string, unknown>;
}

export interface PasskeyJson {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export const start = `mutation ($password: String) { startPasskeyRegistration(password: $password) { token options expiresAt } }`;
export const finish = `mutation ($input: FinishPasskeyRegistrationInput!) {
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

let users = 0;

/** A client of a new user who has just signed in. */
export async function newcomer(instance: TestApp): Promise<TestClient & { readonly username: string }> {
  const username = `newcomer${++users}`;
  const client = instance.client();
  await client.register(username);
  await client.signIn(username);
  return Object.assign(client, { username });
}
