import { readFile } from 'node:fs/promises';
import { generatedFiles } from '../../src/docs/generated.js';

/** Run `npm run docs` when this fails. */
test.each(generatedFiles)('$path is what `npm run docs` would write', async ({ path, render }) => {
  expect(await readFile(path, 'utf8')).toBe(render());
});
