import { settingsTable } from '../config.js';

const introduction = `# Settings

Generated from the code by \`npm run docs\`: do not edit.

Every setting is an environment variable, read from the environment and from a file \`.env\` (see \`.env.example\`), and
checked at start: with a bad one the server stops and names all of them, a line each. \`npm run config\` prints what is
in effect, with secrets masked. Durations are written \`30s\`, \`5m\`, \`12h\`, \`7d\`; limits as tries per time, \`10/5m\`.
`;

/** docs/settings.md: a table for each section. */
export function renderSettings(): string {
  const sections = Map.groupBy(settingsTable(), ({ section }) => section);
  const parts = [...sections].map(([title, rows]) => {
    const lines = rows.map((row) => `| \`${row.name}\` | ${cell(row.default)} | ${cell(row.description)} |`);
    return [`## ${title}`, '', '| variable | default | what it sets |', '| --- | --- | --- |', ...lines, ''].join('\n');
  });
  return [introduction, ...parts].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
