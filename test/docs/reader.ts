import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { Authenticator } from '../auth/passkeys/authenticator.js';
import type { Answer, TestClient } from '../support/client.js';
import type { Mail } from '../support/mails.js';
import type { Example } from './examples.js';

/** What the examples are read in. */
interface Surroundings {
  readonly mailbox: () => Promise<readonly Mail[]>;
  readonly publicUrl: string;
}

/** Goes through the examples in order, filling in what earlier answers said where the variables have `<name>`. */
export class ExampleReader {
  readonly #client: TestClient;
  readonly #schema: GraphQLSchema;
  readonly #mailbox: () => Promise<readonly Mail[]>;
  readonly #seen = new Map<string, string>();
  readonly #authenticator: Authenticator;
  #credential: object = {};
  readonly #read = new Set<string>();

  /** `mailbox` has all mails that were sent so far. */
  constructor(client: TestClient, schema: GraphQLSchema, { mailbox, publicUrl }: Surroundings) {
    this.#client = client;
    this.#schema = schema;
    this.#mailbox = mailbox;
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
    await this.#readMails();
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

  /** The token of a new link to `/verify-email` as `verifyEmailToken`, and so on; the newest code as `mailedCode`. */
  async #readMails(): Promise<void> {
    for (const { text } of await this.#mailbox()) {
      const code = /^ {4}(\d{6})$/m.exec(text)?.[1];
      if (code !== undefined) this.#seen.set('mailedCode', code);
      const [, page = '', token = ''] = /\/([a-z-]+)#token=([\w-]+)/.exec(text) ?? [];
      if (this.#read.has(token)) continue;
      this.#read.add(token);
      this.#seen.set(`${page.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())}Token`, token);
    }
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
