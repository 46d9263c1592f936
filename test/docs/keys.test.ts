import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { kidOf, soon } from '../auth/keys/support.js';
import { type CompiledProgram, compileProgram, ServerProcess } from '../faults/server-process.js';
import { run } from '../interop/support.js';
import { createTestDatabase, type TestDatabase, withPostgres } from '../support/databases.js';
import { blocksOf, type Exchange, exchangesOf, keepsPromise, readProjectFile } from './readme.js';

const page = await readProjectFile('docs/keys.md');
const settings = parseEnv(blocksOf(page).find(({ language }) => language === 'dotenv')?.text ?? '');
const password = 'a long sentence is best';
const minute = 60_000;

/** The names of keys in the order in which they came: those that the page has, and those that came in their place. */
class Names {
  readonly #promised: string[] = [];
  readonly #real: string[] = [];

  real(index: number): string | undefined {
    return this.#real[index];
  }

  /** Names as numbers, and moments without their date. */
  comparable(lines: readonly string[], whose: 'promised' | 'real'): string[] {
    const seen = whose === 'promised' ? this.#promised : this.#real;
    return lines.map((line) =>
      line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'moment').replaceAll(/(?<![\w-])[\w-]{43}(?![\w-])/g, (name) => {
        if (!seen.includes(name)) seen.push(name);
        return `key ${seen.indexOf(name)}`;
      }),
    );
  }

  /** The commands with the beginnings of real names. */
  translate(script: string): string {
    return script.replaceAll(/(?<= )\w{4}(?=[ \n])/g, (word) => {
      const index = this.#promised.findIndex((name) => name.startsWith(word));
      return index === -1 ? word : (this.#real[index] ?? '').slice(0, word.length);
    });
  }
}

describe('docs/keys.md', () => {
  const exchanges = exchangesOf(page);
  const names = new Names();
  let program: CompiledProgram;
  let database: TestDatabase;
  let server: ServerProcess;
  let variables: Record<string, string>;

  beforeAll(async () => {
    [program, database] = await Promise.all([compileProgram(), createTestDatabase('postgres')]);
    await writeFile(join(program.directory, 'package.json'), await packageWithCommands());
    variables = { ...settings, DATABASE_URL: database.url ?? '', DATA_DIR: program.directory };
  });
  afterAll(async () => {
    await server?.kill();
    await program.remove();
    await database.drop();
  });

  /** Runs the page's next commands, which print what it says. */
  async function proceed(): Promise<void> {
    const { script, promised }: Exchange = exchanges.shift() ?? { mark: null, script: 'false', promised: [] };
    const output = await run(['bash', '-euo', 'pipefail', '-c', names.translate(script)], {
      env: { ...variables, npm_config_loglevel: 'silent', npm_config_update_notifier: 'false' },
      cwd: program.directory,
    });
    const lines = names.comparable(output === '' ? [] : output.trimEnd().split('\n'), 'real');
    const expected = names.comparable(promised, 'promised');
    if (!keepsPromise(lines, expected)) expect(lines).toEqual(expected);
  }

  /** All keys become that much older, which the server hears of. */
  async function age(milliseconds: number): Promise<void> {
    const earlier = ['created_at', 'activated_at', 'retires_at'].map(
      (column) => `${column} = ${column} - interval '${milliseconds} milliseconds'`,
    );
    await withPostgres((client) => client.query(`update signing_keys set ${earlier.join()}`), database.url ?? '');
  }

  async function ask<T>(query: string, token?: string): Promise<T> {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ query });
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
    const { data }: { data: T } = await response.json();
    return data;
  }

  async function signIn(): Promise<string> {
    const { obtainToken } = await ask<{ obtainToken: { accessToken: string } }>(
      `mutation { obtainToken(input: { username: "carol", password: "${password}" }) { ... on TokenPair { accessToken } } }`,
    );
    return obtainToken.accessToken;
  }

  const isGood = async (token: string) => (await ask<{ me: object | null }>('{ me { id } }', token)).me !== null;

  /** A token of the key that came as number so and so, once the server signs with it. */
  async function tokenOf(index: number): Promise<string> {
    let token = '';
    await soon(async () => {
      token = await signIn();
      return kidOf(token) === names.real(index);
    });
    return token;
  }

  test('has no shell commands but those that are run', () => {
    expect(exchanges.map(({ mark }) => mark)).toEqual(Array(9).fill('session'));
  });

  test('has commands that print what it says they print, and do what it says they do', async () => {
    // Switching on.
    await proceed();
    server = await ServerProcess.start(program, variables);
    await proceed();
    await ask(
      `mutation { register(input: { username: "carol", email: "carol@example.com", password: "${password}" }) { id } }`,
    );
    const first = await tokenOf(0);

    // Rotating.
    await proceed();
    await age(5 * minute);
    await proceed();
    const second = await tokenOf(1);
    expect(await isGood(first)).toBe(true);
    await age(24 * 60 * minute + minute);
    await proceed();
    await soon(async () => !(await isGood(first)));

    // A key has leaked.
    await proceed();
    expect(await isGood(second)).toBe(true);
    await proceed();
    await soon(async () => !(await isGood(second)));
    const third = await tokenOf(2);

    // KEY_ENCRYPTION_KEY is lost.
    await server.kill();
    await proceed();
    await proceed();
    server = await ServerProcess.start(program, variables);
    expect(await isGood(third)).toBe(true);
    expect(await isGood(await tokenOf(3))).toBe(true);
  }, 120_000);

  test('quotes what a server says that has another KEY_ENCRYPTION_KEY', async () => {
    const other = { KEY_ENCRYPTION_KEY_FILE: '', KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') };
    const fault = await ServerProcess.start(program, { ...variables, ...other }).catch(String);
    const [quoted] = /KEY_ENCRYPTION_KEY opens none[^*]*/.exec(page.replaceAll('\n', ' ')) ?? [];
    expect(quoted).toBeDefined();
    expect(fault).toContain(quoted);
  });
});

/** The project's own, whose commands run the program as it has been compiled. */
async function packageWithCommands(): Promise<string> {
  const { scripts }: { scripts: { keys: string } } = JSON.parse(await readProjectFile('package.json'));
  const keys = scripts.keys.replace('npm run --silent build && node dist/', 'node ');
  return JSON.stringify({ type: 'module', scripts: { keys } });
}
