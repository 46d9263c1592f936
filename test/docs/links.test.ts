import { access, glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { anchorsOf, proseOf } from './anchors.js';
import { readProjectFile } from './readme.js';

const pages: string[] = [];
for await (const page of glob(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'src/**/*.md'])) pages.push(page);

/** What is wrong with a link that stands on the page; null if nothing is. */
async function faultOf(link: string, page: string): Promise<string | null> {
  const [file = '', anchor] = link.split('#', 2);
  const target = file === '' ? page : join(dirname(page), file);
  if (!(await exists(target))) return `${link}: no such file`;
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(await proseOf(target)).has(anchor) ? null : `${link}: no such heading`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

test.each(pages.sort())('%s has no link to a file or a heading that is not there', async (page) => {
  const links = Array.from((await proseOf(page)).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g), ([, link = '']) => link);
  const faults = await Promise.all(links.map((link) => faultOf(link, page)));
  expect(faults.filter((fault) => fault !== null)).toEqual([]);
});

test('the code names no page of docs that is not there', async () => {
  const missing: string[] = [];
  for await (const file of glob('src/**/*.ts')) {
    for (const [name] of (await readProjectFile(file)).matchAll(/\bdocs\/[\w/-]+\.(?:md|graphql)\b/g)) {
      if (!(await exists(name))) missing.push(`${file}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test.each([
  ['## Who reads them', 'who-reads-them'],
  ['### `KEY` is lost, or is to change', 'key-is-lost-or-is-to-change'],
  ['# 4. How an access token dies before it expires', '4-how-an-access-token-dies-before-it-expires'],
])('the heading %j has the anchor that GitHub gives it', (heading, anchor) => {
  expect([...anchorsOf(heading)]).toEqual([anchor]);
});
