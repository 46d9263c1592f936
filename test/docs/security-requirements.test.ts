import { readProjectFile } from './readme.js';

const states = ['met', 'not met', 'not applicable'];
const shown = 'shown by, or why';

type Row = Readonly<Record<string, string>>;

/** The cells of a line of a table; null for any other line. */
function cellsOf(line: string): string[] | null {
  if (!line.startsWith('| ')) return null;
  const [, ...cells] = line.split('|').map((cell) => cell.trim());
  return cells.slice(0, -1);
}

/** The rows of those tables of a page that have the column, by the names of the columns. */
function rowsOf(page: string, column: string): Row[] {
  const rows: Row[] = [];
  let names: readonly string[] | null = null;
  for (const line of page.split('\n')) {
    const cells = cellsOf(line);
    if (cells === null || names === null) names = cells;
    else if (!/^-+$/.test(cells[0] ?? ''))
      rows.push(Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
  }
  return rows.filter((row) => column in row);
}

/** The tests that a text names: links to their files, each with the title that stands in quotes behind it. */
function testsIn(text: string): { file: string; title: string | null }[] {
  const links = text.matchAll(/\]\((?:\.\.\/)?(test\/[^)#]+)\)(?: "([^"]+)")?/g);
  return Array.from(links, ([, file = '', title]) => ({ file, title: title ?? null }));
}

/** What is said beside links and titles. */
function wordsIn(text: string): string {
  return text
    .replaceAll(/\[[^\]]*\]\([^)]*\)(?: "[^"]+")?/g, '')
    .replaceAll(/[\s,]+/g, ' ')
    .trim();
}

/** What is wrong with a row of requirements in itself; null if nothing is. */
function faultOf(row: Row): string | null {
  const { number = '', state = '', where = '' } = row;
  const text = row[shown] ?? '';
  if (!/^\d+(\.\d+)*$/.test(number)) return `${number}: no number of a requirement`;
  if (wordsIn(row['what is asked'] ?? '') === '') return `${number}: nothing is asked`;
  if (!states.includes(state)) return `${number}: ${state} is no state`;
  if (state !== 'met') return wordsIn(text) === '' ? `${number}: no reason` : null;
  if (!/\]\([^)]+\)/.test(where)) return `${number}: met nowhere`;
  // What asks for a page is met by it.
  const isPage = /\]\([^)]*\.md(#[^)]*)?\)/.test(where) && wordsIn(text) !== '';
  return testsIn(text).length > 0 || isPage ? null : `${number}: no test`;
}

/** What is wrong with the files and titles that a page names. */
async function missingIn(page: string): Promise<string[]> {
  const files = new Set(Array.from(page.matchAll(/\b(?:src|test)\/[\w./-]+\.ts\b/g), ([file]) => file));
  const texts = new Map<string, string | null>();
  for (const file of files) texts.set(file, await readProjectFile(file).catch(() => null));
  const untitled = testsIn(page).filter(({ file, title }) => title !== null && !hasTitle(texts.get(file) ?? '', title));
  return [
    ...[...texts].flatMap(([file, text]) => (text === null ? [`${file}: no such file`] : [])),
    ...untitled.map(({ file, title }) => `${file}: no test "${title}"`),
  ];
}

/** As a title of a test, or as what a row of `test.each` is called by. */
function hasTitle(text: string, title: string): boolean {
  return [`'${title}',`, `"${title}",`, `\`${title}\`,`].some((literal) => text.includes(literal));
}

const requirements = await readProjectFile('docs/security-requirements.md');
const threats = await readProjectFile('SECURITY.md');

describe('the requirements of standards', () => {
  const rows = rowsOf(requirements, 'state');

  test('are of every standard and chapter that the page names', () => {
    const sections = requirements.split(/^##+ /m).slice(1);
    const empty = sections
      .filter((section) => rowsOf(section, 'state').length === 0)
      .map((section) => section.split('\n')[0]);
    expect(empty).toEqual(['OWASP ASVS 5.0']);
  });

  test('have one of three states, and say by what it is shown or why not', () => {
    expect(rows.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
  });

  test.each<[string, Row, string | null]>([
    ['is as it should be', {}, null],
    ['has a page that it asks for', { where: '[a](a.md#b)', [shown]: 'The page has it.' }, null],
    ['has another state', { state: 'mostly met' }, '1.2.3: mostly met is no state'],
    ['has no number', { number: 'V1' }, 'V1: no number of a requirement'],
    ['asks nothing', { 'what is asked': '' }, '1.2.3: nothing is asked'],
    ['has no file', { where: '' }, '1.2.3: met nowhere'],
    ['has no test', { [shown]: 'It is so.' }, '1.2.3: no test'],
    ['has a page that says nothing', { where: '[a](a.md)', [shown]: '' }, '1.2.3: no test'],
    ['gives no reason', { state: 'not met', [shown]: '' }, '1.2.3: no reason'],
    ['has a test for a reason', { state: 'not applicable' }, '1.2.3: no reason'],
  ])('would be told of a row that %s', (_title, parts, fault) => {
    const good = { number: '1.2.3', 'what is asked': 'much', state: 'met', where: '[a](../src/app.ts)' };
    expect(faultOf({ ...good, [shown]: '[b](../test/b.test.ts) "c"', ...parts })).toBe(fault);
  });
});

describe('the threats', () => {
  const rows = rowsOf(threats, 'shown by');

  test('are each met in a file, and shown by a test', () => {
    expect(rows.length).toBeGreaterThan(30);
    const lacking = rows.filter(
      (row) => testsIn(row['shown by'] ?? '').length === 0 || !/\]\(src\//.test(row['where'] ?? ''),
    );
    expect(lacking).toEqual([]);
  });
});

describe('the files and tests', () => {
  test.each([
    ['docs/security-requirements.md', requirements],
    ['SECURITY.md', threats],
  ])('that %s names are there', async (_page, text) => {
    expect(await missingIn(text)).toEqual([]);
  });

  test('are told where they are not', async () => {
    const page = `[a](src/nowhere.ts) [b](../test/docs/links.test.ts) "the heading %j has the anchor that GitHub gives it"
      [c](test/docs/links.test.ts) "no such title"`;
    expect(await missingIn(page)).toEqual([
      'src/nowhere.ts: no such file',
      'test/docs/links.test.ts: no test "no such title"',
    ]);
  });
});
