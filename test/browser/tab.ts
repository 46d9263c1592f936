import type { BrowserContext, Page } from 'playwright-core';
import type { AnswerError } from '../support/client.js';

/** What a page got: `data` as the test expects it to be. */
export interface TabAnswer<T> {
  readonly data: T | null;
  readonly errors?: readonly AnswerError[];
}

interface IssuedPair {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

const signIn = `mutation ($input: ObtainTokenInput!) {
  obtainToken(input: $input) { ... on TokenPair { accessToken refreshToken } }
}`;
const refresh = 'mutation { refreshToken { accessToken refreshToken } }';

/** A tab whose page speaks to the API as an app would: with cookies, the access token in the page's memory alone. */
export class Tab {
  constructor(
    readonly page: Page,
    private readonly endpoint: string,
  ) {}

  static async open(context: BrowserContext, address: string, endpoint: string): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(address);
    return new Tab(page, endpoint);
  }

  /** Rejects where the browser keeps the answer from the page. */
  ask<T = Record<string, unknown>>(query: string, variables: object = {}): Promise<TabAnswer<T>> {
    return this.page.evaluate(askInPage<T>, { endpoint: this.endpoint, query, variables });
  }

  /** The answer's pair, whose access token the page keeps. */
  async signIn(username: string, password: string): Promise<IssuedPair> {
    const answer = await this.ask<{ obtainToken: IssuedPair }>(signIn, { input: { username, password, cookie: true } });
    return this.keep(answer.data?.obtainToken);
  }

  /** By the cookie alone. */
  async refresh(): Promise<IssuedPair> {
    const answer = await this.tryToRefresh();
    if (answer.errors) throw new Error(`No refresh: ${JSON.stringify(answer.errors)}`);
    return this.keep(answer.data?.refreshToken);
  }

  tryToRefresh(): Promise<TabAnswer<{ refreshToken: IssuedPair }>> {
    return this.ask(refresh);
  }

  /** The user that the page is signed in as, or the reason why it is not. */
  async whoAmI(): Promise<string | undefined> {
    const { data, errors } = await this.ask<{ me: { username: string } | null }>('{ me { username } }');
    return data?.me?.username ?? errors?.[0]?.extensions.reason;
  }

  /** Runs an expression as the page's own script would. */
  run<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  private async keep(pair: IssuedPair | undefined): Promise<IssuedPair> {
    if (!pair) throw new Error('There is no pair in the answer.');
    await this.run(`globalThis.accessToken = ${JSON.stringify(pair.accessToken)}; 0`);
    return pair;
  }
}

/** Runs in the browser, so it uses nothing of this file. */
async function askInPage<T>(request: { endpoint: string; query: string; variables: object }): Promise<TabAnswer<T>> {
  const accessToken: unknown = Reflect.get(globalThis, 'accessToken');
  const response = await fetch(request.endpoint, {
    method: 'POST',
    credentials: 'include',
    headers: {
      'content-type': 'application/json',
      ...(typeof accessToken === 'string' && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify({ query: request.query, variables: request.variables }),
  });
  const answer: TabAnswer<T> = JSON.parse(await response.text());
  return answer;
}
