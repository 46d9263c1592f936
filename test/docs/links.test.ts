import { access, readdir, readFile } from 'node:fs/promises';

const pages = (await readdir('docs', { recursive: true }))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

test.each(pages)('%s links to no file that is missing', async (page) => {
  const links = [...(await readFile(page, 'utf8')).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
  const targets = [...new Set(links.map(([, target]) => target ?? ''))];
  for (const target of targets) await access(new URL(target, new URL(`../../${page}`, import.meta.url)));
});
