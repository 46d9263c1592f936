export interface HttpAnswer<T> {
  readonly status: number;
  readonly data: T;
  readonly errors: readonly { readonly extensions: Record<string, unknown> }[];
}

/** GraphQL over a real socket; rejects when the connection breaks. */
export async function post<T>(url: string, query: string, variables: object, token?: string): Promise<HttpAnswer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors = [] }: { data: T; errors?: HttpAnswer<T>['errors'] } = await response.json();
  return { status: response.status, data, errors };
}

/** The data of an operation that must succeed. */
export async function request<T>(url: string, query: string, variables: object = {}, token?: string): Promise<T> {
  const { data, errors } = await post<T>(url, query, variables, token);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

const account = { username: 'writer', password: 'correct horse of the writer' };

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const signInMutation = `mutation ($input: ObtainTokenInput!) {
  obtainToken(input: $input) { ... on TokenPair { accessToken refreshToken } }
}`;

/** Makes the account that all clients write as, and signs it in. */
export async function signUp(url: string): Promise<Tokens> {
  await request(url, 'mutation ($input: RegisterInput!) { register(input: $input) { id } }', {
    input: { ...account, email: 'writer@example.com' },
  });
  return signIn(url);
}

export async function signIn(url: string): Promise<Tokens> {
  const { obtainToken } = await request<{ obtainToken: Tokens }>(url, signInMutation, { input: account });
  return obtainToken;
}

export interface Writers {
  /** The titles of the posts whose creation was acknowledged, by id. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Resolves when every client has stopped at its first failure, as all do when the server dies. */
  readonly stopped: Promise<unknown>;
}

const create = 'mutation ($title: String!) { createPost(input: { title: $title, body: "…" }) { id } }';

/** Lets so many clients write one post after the other until the server is gone. */
export function startWriters(url: string, token: string, round: string, clients = 8): Writers {
  const acknowledged = new Map<string, string>();
  const write = async (client: number) => {
    for (let number = 0; ; number++) {
      const title = `${round}, client ${client}, post ${number}`;
      const { createPost } = await request<{ createPost: { id: string } }>(url, create, { title }, token);
      acknowledged.set(createPost.id, title);
    }
  };
  return { acknowledged, stopped: Promise.allSettled(Array.from({ length: clients }, (_, client) => write(client))) };
}

interface PostsPage {
  readonly posts: {
    readonly nodes: readonly { readonly id: string; readonly title: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const page = `query ($after: String) {
  posts(first: 100, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } }
}`;

/** Every post there is, by id. */
export async function readPosts(url: string): Promise<Map<string, string>> {
  const titles = new Map<string, string>();
  for (let after: string | null = null, more = true; more; ) {
    const { posts }: PostsPage = await request<PostsPage>(url, page, { after });
    for (const { id, title } of posts.nodes) titles.set(id, title);
    after = posts.pageInfo.endCursor;
    more = posts.pageInfo.hasNextPage;
  }
  return titles;
}
