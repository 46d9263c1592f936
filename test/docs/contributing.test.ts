import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readProjectFile } from './readme.js';
import { apply, stepsOf } from './recipe.js';

const steps = stepsOf(await readProjectFile('CONTRIBUTING.md'));
const notCopied = new Set(['node_modules', '.git', 'dist', 'coverage', '.data', '.env']);

describe('the recipe of CONTRIBUTING.md', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'postern-recipe-'));
    for (const name of await readdir('.')) {
      if (!notCopied.has(name)) await cp(name, join(root, name), { recursive: true });
    }
    await symlink(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  /** Runs a command in the copy; its output is in the error when it fails. */
  const run = (command: string, ...args: string[]) =>
    promisify(execFile)(command, args, { cwd: root, env: { ...process.env, UPDATE_DOCS: '1', NODE_OPTIONS: '' } });
  const tool = (name: string, ...args: string[]) => run(join('node_modules', '.bin', name), ...args);

  test('fits the tree as it is now', async () => {
    expect(steps.length).toBeGreaterThan(10);
    for (const step of steps) await apply(root, step);
  });

  test('keeps the style, the types and the import rules', async () => {
    const files = [...new Set(steps.map(({ path }) => path))].filter((path) => !path.endsWith('.md'));
    await tool('biome', 'check', '--error-on-warnings', '--vcs-enabled=false', ...files);
    await tool('tsc', '-p', 'tsconfig.json');
    await tool('depcruise', 'src', 'mikro-orm.config.ts', '--config');
  }, 180_000);

  test('makes comments that work, with examples and permissions in order', async () => {
    await run('npm', 'run', '--silent', 'schema');
    const files = ['test/comments', 'test/permissions/matrix', 'test/docs/examples'];
    await run('npm', 'test', '--', ...files);
    const page = await readFile(join(root, 'docs', 'permissions.md'), 'utf8');
    const row =
      "| `Mutation.deleteComment` | the owner's comment | `UNAUTHENTICATED` | `FORBIDDEN` | allowed | allowed |";
    expect(page).toContain(row);
  }, 400_000);
});
