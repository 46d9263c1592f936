import { readProjectFile } from './readme.js';

/** A page without its fenced blocks, where nothing is a heading or a link. */
export async function proseOf(path: string): Promise<string> {
  return (await readProjectFile(path)).replaceAll(/^ *```.*?^ *```$/gms, '');
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(prose: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = Array.from(prose.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return new Set(anchors);
}
