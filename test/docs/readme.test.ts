import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createTestApp, type TestApp } from '../support/app.js';
import { FakeClock } from '../support/fake-clock.js';
import { blocksOf, keepsPromise, readProjectFile } from './readme.js';

const readme = await readProjectFile('README.md');
const blocks = blocksOf(readme);
const shellBlocks = blocks.filter(({ language }) => language === 'sh');
/** What the session prints, line by line. */
const promised = blocks.filter(({ language }) => language === 'text').flatMap(({ text }) => text.trimEnd().split('\n'));
const session = shellBlocks.filter(({ mark }) => mark === 'session').map(({ text }) => text);
const covered = shellBlocks.filter(({ mark }) => mark === 'covered by .ci/run').map(({ text }) => text);

/** Goes on whenever it is looked at, so that what is written later is newer. */
class RunningClock extends FakeClock {
  override now(): number {
    this.advance(1);
    return super.now();
  }
}

describe('the README', () => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp('pglite', { clock: new RunningClock() });
  });
  afterAll(() => instance.stop());

  test('has no shell commands but those that are run', () => {
    expect(session.length).toBeGreaterThan(0);
    expect(session.length + covered.length).toBe(shellBlocks.length);
  });

  test('has a first session whose commands print what it says they print', async () => {
    const script = session.join('\n').replaceAll('http://localhost:4000', instance.app.url);
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `ACCESS=\n${script}`]);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    if (!keepsPromise(lines, promised)) expect(lines).toEqual(promised);
  });

  test('has set-up commands that .ci/run runs as they stand', async () => {
    const script = (await readProjectFile('.ci/run')).split('\n').map((line) => line.trim());
    for (const command of covered.join('').trim().split('\n')) {
      expect(script.some((line) => line === command || line.startsWith(`${command} `))).toBe(true);
    }
  });

  test('names no npm script that does not exist', async () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await readProjectFile('package.json'));
    const named = [...readme.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => name === undefined || scripts[name] === undefined)).toEqual([]);
  });
});
