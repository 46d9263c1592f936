import { type Answer, dataOf, isExpired, isRefused } from './api-error.js';
import type { TypedDocumentString } from './generated/graphql.js';
import { logout, obtainToken, refreshToken } from './operations.js';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** No argument where an operation has no variables. */
type Arguments<Variables> = Variables extends Record<string, never> ? [] : [variables: Variables];

/**
 * One user's session: signs in, sends operations, and renews the access token when the server says that it has expired.
 * Every method throws ApiError for what the API refuses, and what `fetch` throws for the rest.
 */
export class PosternClient {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  #tokens: Tokens | null = null;
  #renewal: Promise<Tokens> | null = null;

  /** The address of `/graphql`. */
  constructor(url: string, fetchFunction: typeof fetch = fetch) {
    this.#url = url;
    this.#fetch = fetchFunction;
  }

  async signIn(username: string, password: string): Promise<void> {
    const answer = await this.#send(obtainToken, { input: { username, password } }, null);
    if (answer.obtainToken.__typename !== 'TokenPair') throw new Error('This example knows no second factor.');
    this.#tokens = toTokens(answer.obtainToken);
  }

  /** Sends an operation. Nothing of it has run when its token is refused, so that it may be sent again. */
  async request<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    ...[variables]: Arguments<Variables>
  ): Promise<Data> {
    const tokens = this.#tokens;
    try {
      return await this.#send(document, variables, tokens);
    } catch (error) {
      if (tokens === null || !isExpired(error)) throw error;
      return this.#send(document, variables, await this.#successorOf(tokens));
    }
  }

  /** Ends the session on the server; its tokens are of no use any more, to anybody. */
  async signOut(): Promise<void> {
    await this.request(logout);
    this.#tokens = null;
  }

  /**
   * The pair that comes after an expired one. Requests that expire together share one refresh: each refresh token works
   * once, and one that is used again after the grace period ends the session, as it may be in a thief's hands.
   */
  #successorOf(expired: Tokens): Promise<Tokens> {
    if (this.#tokens !== null && this.#tokens !== expired) return Promise.resolve(this.#tokens);
    this.#renewal ??= this.#renew(expired).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew(expired: Tokens): Promise<Tokens> {
    try {
      const answer = await this.#send(refreshToken, { refreshToken: expired.refreshToken }, null);
      this.#tokens = toTokens(answer.refreshToken);
      return this.#tokens;
    } catch (error) {
      // The session is over. After any other failure, such as a lost connection, the same token may be tried again.
      if (isRefused(error)) this.#tokens = null;
      throw error;
    }
  }

  async #send<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables | undefined,
    tokens: Tokens | null,
  ): Promise<Data> {
    const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' });
    if (tokens !== null) headers.set('authorization', `Bearer ${tokens.accessToken}`);
    const body = JSON.stringify({ query: document.toString(), variables });
    const response = await this.#fetch(this.#url, { method: 'POST', headers, body });
    // Nothing but the types of this operation can tell what is in it.
    return dataOf((await response.json()) as Answer<Data>);
  }
}

/** The refresh token is null only where it was asked for as a cookie, which is the better place for it in a browser. */
function toTokens(pair: { accessToken: string; refreshToken: string | null }): Tokens {
  const { accessToken, refreshToken } = pair;
  if (refreshToken === null) throw new Error('The refresh token came as a cookie.');
  return { accessToken, refreshToken };
}
