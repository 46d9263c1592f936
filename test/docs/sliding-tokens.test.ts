import { execFile } from 'node:child_process';
import { parseEnv, promisify } from 'node:util';
import { createTestApp, type TestApp } from '../support/app.js';
import { blocksOf, keepsPromise, readProjectFile } from './readme.js';

const blocks = blocksOf(await readProjectFile('docs/sliding-tokens.md'));
const session = blocks.filter(({ language }) => language === 'sh');
const promised = blocks.filter(({ language }) => language === 'text').flatMap(({ text }) => text.trimEnd().split('\n'));

describe('docs/sliding-tokens.md', () => {
  let instance: TestApp;
  beforeAll(async () => {
    const { JWT_AUTH_TOKEN_CLASSES = '' } = parseEnv(blocks.find(({ language }) => language === 'dotenv')?.text ?? '');
    instance = await createTestApp('pglite', { env: { JWT_AUTH_TOKEN_CLASSES } });
    await instance.client().register('carol', 'a long sentence is best');
  });
  afterAll(() => instance.stop());

  test('has a session that prints what it says it prints, with the setting that it names', async () => {
    expect(session.map(({ mark }) => mark)).toEqual(['session', 'session', 'session']);
    const script = session.map(({ text }) => text).join('\n');
    const here = `TOKEN=\n${script.replaceAll('http://localhost:4000', instance.app.url)}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here]);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    if (!keepsPromise(lines, promised)) expect(lines).toEqual(promised);
  });
});
