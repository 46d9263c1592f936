import { readFile, writeFile } from 'node:fs/promises';
import type { TestReference } from './answer.js';
import { cases } from './mapping.js';
import { refusedBearer } from './our-tests.js';
import { renderPage } from './page.js';
import { simpleJwtTests } from './simplejwt-tests.js';

const page = 'docs/conformance.md';

const names = Object.values(simpleJwtTests).flatMap((classes) =>
  Object.entries<readonly string[]>(classes).flatMap(([type, methods]) => methods.map((method) => `${type}.${method}`)),
);

const texts = new Map<string, string>();

async function textOf(file: string): Promise<string> {
  const text = texts.get(file) ?? (await readFile(file, 'utf8').catch(() => ''));
  texts.set(file, text);
  return text;
}

/** A text as one of TypeScript's literals, in whatever quotes. */
function literal(text: string): string {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `(['"\`])${escaped}\\1`;
}

/** Whether the file has a test of that title, and such a row in its tables. */
async function exists({ file, title, row }: TestReference): Promise<boolean> {
  const text = await textOf(file);
  const isTitle = new RegExp(`\\(\\s*${literal(title)},`).test(text);
  return isTitle && (row === undefined || new RegExp(literal(row)).test(text));
}

describe("the list of SimpleJWT's tests", () => {
  test('names 191 of them, each once', () => {
    expect(names).toHaveLength(191);
    expect(new Set(names).size).toBe(191);
  });

  test('has an answer to each', () => {
    expect(cases.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test('says why, wherever it is not the same', () => {
    const silent = cases.filter(({ answer }) => answer.kind !== 'same' && !/^\S.+\.$/.test(answer.why));
    expect(silent).toEqual([]);
  });

  test('names no test of ours that does not exist', async () => {
    const dangling = [];
    for (const { name, answer } of cases) {
      for (const test of 'tests' in answer ? answer.tests : []) {
        if (!(await exists(test))) dangling.push({ name, ...test });
      }
    }
    expect(dangling).toEqual([]);
  });

  test.each<[what: string, change: Partial<TestReference>]>([
    ['file', { file: 'test/auth/bearers.test.ts' }],
    ['title', { title: refusedBearer('garbage').title.slice(0, -1) }],
    ['row', { row: 'garbag' }],
  ])('would miss a %s that is not there', async (_what, change) => {
    expect(await exists(refusedBearer('garbage'))).toBe(true);
    expect(await exists({ ...refusedBearer('garbage'), ...change })).toBe(false);
  });

  test(`is what ${page} says`, async () => {
    const rendered = renderPage(cases);
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(page, rendered);
    expect(await readFile(page, 'utf8')).toBe(rendered);
  });
});
