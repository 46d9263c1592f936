import { createTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import type { Answer, Pair, TestClient } from '../support/client.js';
import type { TestDatabaseKind } from '../support/databases.js';

export const second = 1_000;
export const minute = 60 * second;

export const pairFields =
  'accessToken refreshToken tokenType accessTokenExpiresAt refreshTokenExpiresAt user { id username }';

const obtainToken = `mutation ($input: ObtainTokenInput!) {
  obtainToken(input: $input) { ... on TokenPair { ${pairFields} } }
}`;

export type SignInAnswer = Answer<{ obtainToken: Pair } | null>;

/** Tries to sign in, and returns whatever comes of it. */
export function attempt(client: TestClient, username: string, password: string): Promise<SignInAnswer> {
  return client.query(obtainToken, { input: { username, password } });
}

const running: TestApp[] = [];

/** An instance that is stopped when the test is over, however that ends; the youngest first. */
export async function appOfTest(kind: TestDatabaseKind, options: TestAppOptions = {}): Promise<TestApp> {
  const instance = await createTestApp(kind, options);
  running.push(instance);
  return instance;
}

afterEach(async () => {
  for (const instance of running.splice(0).reverse()) await instance.stop();
});

/** The code of the error, or `OK`. */
export function codeOf({ errors }: Answer<unknown>): string {
  return errors[0]?.extensions.code ?? 'OK';
}

/** The reason of the error, or `OK`. */
export function reasonOf({ errors }: Answer<unknown>): string {
  const [error] = errors;
  return error === undefined ? 'OK' : (error.extensions.reason ?? error.extensions.code);
}

/** Runs a statement beside the program, as a hand in psql would. */
export async function execute<Row extends object>({ app }: TestApp, statement: string): Promise<Row[]> {
  const rows: Row[] = await app.database.fork().execute(statement);
  return rows;
}

/** Resolves once the program has run so many statements that match. */
export async function seen(instance: TestApp, pattern: RegExp, times = 1): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (let left = times; left > 0; ) {
    left -= instance.takeStatements().filter((statement) => pattern.test(statement)).length;
    if (performance.now() > deadline) throw new Error(`Fewer than ${times} statements matched ${pattern}.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
