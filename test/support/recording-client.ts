import { type Answer, TestClient } from './client.js';

/** Names under which clients hand secrets in or are given them; a list is secret as a whole. */
const secretNames = new Set([
  ...['password', 'newPassword', 'currentPassword'],
  ...['token', 'accessToken', 'refreshToken', 'challengeToken', 'enrolmentToken', 'deviceToken'],
  ...['code', 'totpSecret', 'otpauthUrl', 'recoveryCodes', 'regenerateRecoveryCodes'],
]);

/** Keeps all secrets that it hands in or is given, the fields that have answered it, and the errors. */
export class RecordingClient extends TestClient {
  readonly secrets = new Set<string>();
  readonly fields = new Set<string>();
  readonly errors: string[] = [];

  override async query<T = Record<string, unknown>>(query: string, variables: object = {}): Promise<Answer<T>> {
    this.#collect(variables, false);
    const answer = await super.query<T>(query, variables);
    this.#collect(answer.data, false);
    for (const name of Object.keys(Object(answer.data))) this.fields.add(name);
    this.errors.push(...answer.errors.map((error) => JSON.stringify(error)));
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat().map(String)) {
      const value = /^[^=]*=([^;]+)/.exec(cookie)?.[1];
      if (value !== undefined) this.secrets.add(value);
    }
    return answer;
  }

  #collect(value: unknown, secret: boolean): void {
    if (typeof value === 'string' && secret) this.secrets.add(value);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      const listed = Array.isArray(value) && secret;
      this.#collect(part, listed || secretNames.has(name));
    }
  }
}
