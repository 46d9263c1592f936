import type { Answer, TestReference } from './answer.js';
import type { Case } from './mapping.js';
import { simpleJwtCommit } from './simplejwt-tests.js';

const words: Readonly<Record<Answer['kind'], string>> = {
  same: 'the same',
  different: 'otherwise',
  none: 'not here',
};

/** docs/conformance.md. */
export function renderPage(cases: readonly Case[]): string {
  const files = Map.groupBy(cases, ({ file }) => file);
  const sections = [...files].map(([file, rows]) => [`## ${file}`, '', table(rows), ''].join('\n'));
  return [introduction(cases), ...sections].join('\n');
}

function introduction(cases: readonly Case[]): string {
  const count = (kind: Answer['kind']) => cases.filter(({ answer }) => answer.kind === kind).length;
  return `# SimpleJWT's tests, and ours

Generated from \`test/conformance/\` by \`UPDATE_DOCS=1 npm test -- test/conformance\`: do not edit.

djangorestframework-simplejwt has ${cases.length} tests (commit \`${simpleJwtCommit.slice(0, 12)}\`). Each is named here with what became of it. A test
fails when one of them is left out, or when a row names a test of ours that does not exist.

| | tests | |
| --- | --- | --- |
| ${words.same} | ${count('same')} | tests of ours ask for the same |
| ${words.different} | ${count('different')} | Postern answers otherwise on purpose, as our tests show |
| ${words.none} | ${count('none')} | it is about something that does not exist here |
`;
}

function table(rows: readonly Case[]): string {
  const lines = rows.map(({ name, answer }) => `| \`${name}\` | ${words[answer.kind]} | ${cell(answer)} |`);
  return ["| SimpleJWT's test | here | by what, or why |", '| --- | --- | --- |', ...lines].join('\n');
}

function cell(answer: Answer): string {
  switch (answer.kind) {
    case 'same':
      return linked(answer.tests);
    case 'different':
      return `${answer.why}<br>${linked(answer.tests)}`;
    case 'none':
      return answer.why;
  }
}

function linked(tests: readonly TestReference[]): string {
  return tests
    .map((test) => `[${test.file.replace(/^test\/|\.test\.ts$/g, '')}](../${test.file}): ${titleOf(test)}`)
    .join('<br>');
}

/** A table's title with the name of its row. */
function titleOf({ title, row }: TestReference): string {
  const plain = title.replaceAll('|', '\\|');
  if (row === undefined) return plain;
  return plain.includes('%s') ? plain.replace('%s', row) : `${plain} (${row})`;
}
