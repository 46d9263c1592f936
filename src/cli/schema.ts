import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createBareSchema } from '../graphql/schema.js';
import { defineCommand, runAsProcess } from './command.js';
import { UsageError } from './usage.js';

const help = `Writes the GraphQL schema to schema.graphql.

npm run schema -- [--check | --print] [--file F]

  --check    writes nothing; exit code 1 if the file is not what would be written
  --print    prints it instead
  --file F   another file
`;

const banner = '# Generated from the code by `npm run schema`: do not edit.\n\n';

export const schemaCommand = defineCommand({
  name: 'schema',
  help,
  options: {
    check: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
    file: { type: 'string', default: 'schema.graphql' },
  },
  async execute({ check, print, file }, io) {
    const text = `${banner}${printSchema(lexicographicSortSchema(createBareSchema()))}\n`;
    if (check) return assertSame(file, text);
    if (print) io.stdout.write(text);
    else await writeFile(file, text);
  },
});

async function assertSame(file: string, expected: string): Promise<void> {
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found === expected) return;
  const [foundLines, expectedLines] = [found.split('\n'), expected.split('\n')];
  const index = expectedLines.findIndex((line, i) => line !== foundLines[i]);
  const at = index === -1 ? expectedLines.length : index;
  const [is, should] = [foundLines[at], expectedLines[at]].map((line) => JSON.stringify(line?.trim() ?? null));
  throw new UsageError(`${file} is out of date from line ${at + 1}: ${is}, not ${should}. Run \`npm run schema\`.`);
}

if (import.meta.main) await runAsProcess(schemaCommand);
