import { writeFile } from 'node:fs/promises';
import { generatedFiles } from '../docs/generated.js';
import { defineCommand, runAsProcess } from './command.js';

const help = `Writes the files that are made from the code: ${generatedFiles.map(({ path }) => path).join(', ')}.

npm run docs
`;

export const docsCommand = defineCommand({
  name: 'docs',
  help,
  options: {},
  async execute(_values, io) {
    for (const { path, render } of generatedFiles) {
      await writeFile(path, render());
      io.stdout.write(`Wrote ${path}.\n`);
    }
  },
});

if (import.meta.main) await runAsProcess(docsCommand);
