import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { Authenticator } from '../auth/passkeys/authenticator.js';
import type { Answer, TestClient } from '../support/client.js';
import type { Example } from './examples.js';

/** Goes through the examples in order, filling in what earlier answers said where the variables have `<name>`. */
export class ExampleReader {
  readonly #client: TestClient;
  readonly #schema: GraphQLSchema;
  readonly #seen = new Map<string, string>();
  readonly #authenticator: Authenticator;
  #credential: object = {};

  constructor(client: TestClient, schema: GraphQLSchema, publicUrl: string) {
    this.#client = client;
    this.#schema = schema;
    const { origin, hostname } = new URL(publicUrl);
    this.#authenticator = new Authenticator(origin, hostname);
    // A page that the server itself delivered, as the cookie needs.
    client.headers = { host: 'postern.example', origin: 'http://postern.example' };
  }

  async run(example: Example): Promise<Answer<Record<string, unknown>>> {
    const variables: object = JSON.parse(this.#fill(example.variables));
    const answer = await this.#client.query(example.query, variables);
    for (const field of example.rootFields) this.#remember(example, field, answer.data?.[field]);
    this.#answerChallenge(answer.data ?? {});
    this.#keepCookie(answer);
    return answer;
  }

  #fill(variables: string): string {
    const filled = variables.replace('"<credential>"', JSON.stringify(this.#credential));
    return filled.replace(/<(\w+)>/g, (_placeholder, name: string) => {
      const value = this.#seen.get(name);
      if (value === undefined) throw new Error(`No earlier answer has a ${name}.`);
      return value;
    });
  }

  /** `id` of a Post as `postId`, and so on; tokens and cursors by their own names. */
  #remember({ kind }: Example, field: string, value: unknown): void {
    const root = kind === 'query' ? this.#schema.getQueryType() : this.#schema.getMutationType();
    const type = getNamedType(root?.getFields()[field]?.type);
    const id = isObjectType(type) ? `${type.name.charAt(0).toLowerCase()}${type.name.slice(1)}Id` : 'id';
    visit(value, (key, text) => this.#seen.set(key, text));
    for (const { id: own } of [value].flat().filter(hasId)) this.#seen.set(id, own);
    this.#client.token = this.#seen.get('accessToken') ?? null;
  }

  /** As the user's browser does. */
  #answerChallenge({ startPasskeyRegistration, startPasskeySignIn }: Record<string, unknown>): void {
    if (isChallenge(startPasskeyRegistration)) {
      this.#credential = this.#authenticator.create(startPasskeyRegistration.options);
    }
    if (isChallenge(startPasskeySignIn)) this.#credential = this.#authenticator.get(startPasskeySignIn.options);
  }

  #keepCookie({ headers }: Answer<unknown>): void {
    const [cookie] = [headers['set-cookie'] ?? []].flat();
    if (cookie !== undefined) this.#client.headers['cookie'] = String(cookie).split(';', 1)[0] ?? '';
  }
}

function hasId(value: unknown): value is { readonly id: string } {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}

function isChallenge(value: unknown): value is { readonly options: { readonly challenge: string } } {
  return typeof value === 'object' && value !== null && 'options' in value;
}

/** Every text of a nested answer. */
function visit(value: unknown, see: (key: string, text: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') see(key, inner);
    else visit(inner, see);
  }
}
