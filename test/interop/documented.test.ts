import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { keepsPromise } from '../docs/readme.js';
import { describeWith } from '../support/debian.js';
import { documented, documentedBlocks, type Issuer, pyjwt, run, startIssuer } from './support.js';

const describeWithPython = await describeWith(pyjwt);
const blocks = await documentedBlocks();
const runHere = ['key', 'session', 'session in Python'];
const runBySimpleJwtTest = ['service', 'session with the service'];

describe('docs/verifying-tokens.md', () => {
  let folder: string;
  let issuer: Issuer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-docs-'));
    await cp('examples/verify', join(folder, 'examples/verify'), { recursive: true });
    await run(['bash', '-c', await documented('key')], { env: {}, cwd: folder });
    issuer = await startIssuer(await documentedSettings(folder));
  });
  afterAll(async () => {
    await issuer.instance.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the blocks with these marks, as in a shell that has gone through the README. */
  const session = async (...marks: string[]) => {
    const script = (await Promise.all(marks.map(documented))).join('\n');
    const env = { ACCESS: (await issuer.signIn()).accessToken };
    const here = script.replaceAll('http://localhost:4000', issuer.instance.app.url);
    return run(['bash', '-euo', 'pipefail', '-c', here], { env, cwd: folder });
  };

  test('has no shell commands but those that are run', () => {
    const marks = blocks.filter(({ language }) => language === 'sh').map(({ mark }) => mark);
    expect(marks).toEqual([...runHere, ...runBySimpleJwtTest]);
  });

  test('verifies in Node a token made with its settings, and prints what it says it prints', async () => {
    const [promised] = blocks.filter(({ language }) => language === 'text').map(({ text }) => text.trim());
    const output = await session('session');
    if (!keepsPromise([output.trim()], [promised ?? ''])) expect(output).toBe(promised);
  });

  describeWithPython('with PyJWT', () => {
    test('verifies in Python the same token', async () => {
      const [inNode = '', inPython = ''] = (await session('session', 'session in Python')).trim().split('\n');
      expect(JSON.parse(inPython)).toEqual(JSON.parse(inNode));
    });
  });
});

async function documentedSettings(folder: string): Promise<Record<string, string>> {
  const block = blocks.find(({ language }) => language === 'dotenv');
  const settings = parseEnv(block?.text ?? '');
  const { JWT_ALGORITHM = '', JWT_ISSUER = '', JWT_AUDIENCE = '', JWT_SIGNING_KEY_FILE: file = '' } = settings;
  // The tests' own key gives way.
  return { JWT_ALGORITHM, JWT_ISSUER, JWT_AUDIENCE, JWT_SIGNING_KEY: '', JWT_SIGNING_KEY_FILE: join(folder, file) };
}
