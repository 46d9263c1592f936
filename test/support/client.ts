import type { App } from '../../src/app.js';

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly reason?: string; readonly [key: string]: unknown };
}

/** What came back: `data` as the test expects it to be. */
export interface Answer<T> {
  readonly status: number;
  readonly data: T;
  readonly errors: readonly AnswerError[];
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
}

export interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshTokenExpiresAt: string;
  readonly user: { readonly id: string; readonly username: string };
}

const pairFields = 'accessToken refreshToken tokenType accessTokenExpiresAt refreshTokenExpiresAt user { id username }';

/** Speaks GraphQL over HTTP to one instance, as one sender at one address. */
export class TestClient {
  token: string | null = null;
  headers: Record<string, string> = {};

  constructor(
    private readonly app: App,
    private readonly address = '192.0.2.1',
  ) {}

  async query<T = Record<string, unknown>>(query: string, variables: object = {}): Promise<Answer<T>> {
    const response = await this.app.http.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query, variables },
      headers: {
        'x-forwarded-for': this.address,
        'user-agent': 'test client',
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...this.headers,
      },
    });
    const body: { data: T; errors?: AnswerError[] } = response.json();
    return { status: response.statusCode, data: body.data, errors: body.errors ?? [], headers: response.headers };
  }

  /** The data of an operation that must succeed. */
  async data<T = Record<string, unknown>>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.query<T>(query, variables);
    if (errors.length > 0) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The one error of an operation that must fail. */
  async error(query: string, variables: object = {}): Promise<AnswerError> {
    const { errors } = await this.query(query, variables);
    const [error, ...others] = errors;
    if (!error || others.length > 0) throw new Error(`One error expected, not ${JSON.stringify(errors)}`);
    return error;
  }

  async register(username: string, password = passwordOf(username)): Promise<{ id: string; username: string }> {
    const input = { username, email: `${username}@example.com`, password };
    const { register } = await this.data<{ register: { id: string; username: string } }>(
      'mutation ($input: RegisterInput!) { register(input: $input) { id username } }',
      { input },
    );
    return register;
  }

  /** Signs in and keeps the access token for what comes next. */
  async signIn(username: string, password = passwordOf(username)): Promise<Pair> {
    const { obtainToken } = await this.data<{ obtainToken: Pair }>(
      `mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { ... on TokenPair { ${pairFields} } } }`,
      { input: { username, password } },
    );
    this.token = obtainToken.accessToken;
    return obtainToken;
  }

  refresh(refreshToken: string): Promise<Answer<{ refreshToken: Pair } | null>> {
    return this.query(`mutation ($token: String) { refreshToken(refreshToken: $token) { ${pairFields} } }`, {
      token: refreshToken,
    });
  }
}

/** Good enough for the rules, and known to every test. */
export function passwordOf(username: string): string {
  return `correct horse of ${username}`;
}
