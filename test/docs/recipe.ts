import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One block of a recipe: a whole new file, or a change of one. */
export interface Step {
  readonly path: string;
  readonly kind: 'new' | 'change';
  readonly text: string;
}

const noLongerFits =
  'The recipe in CONTRIBUTING.md no longer fits the tree; mend the block there (its last section says how).';

/** The steps of a Markdown page: blocks under a file's name in bold, which says whether the file is new. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  let file: Pick<Step, 'path' | 'kind'> | null = null;
  for (const match of markdown.matchAll(/^#[^\n]*$|^\*\*`([^`\n]+)`\*\* \((new|change)\)$|^```(\w+)\n(.*?)^```$/gms)) {
    const [heading, path, kind, language, text] = match;
    if (path !== undefined) file = { path, kind: kind === 'new' ? 'new' : 'change' };
    else if (language === undefined) file = heading.startsWith('#') ? null : file;
    else if (file !== null) steps.push({ ...file, text: text ?? '' });
  }
  return steps;
}

/** Applies a step to the tree at `root`; throws when a change does not fit in exactly one place. */
export async function apply(root: string, { path, kind, text }: Step): Promise<void> {
  const file = join(root, path);
  if (kind === 'new') {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
      throw new Error(`${noLongerFits} ${path} is there already.`, { cause });
    });
    return;
  }
  const source = await readFile(file, 'utf8');
  const [before, after] = [side(text, '-'), side(text, '+')];
  const places = source.split(before).length - 1;
  if (places !== 1) throw new Error(`${noLongerFits} A change of ${path} fits in ${places} places:\n${before}`);
  await writeFile(
    file,
    source.replace(before, () => after),
  );
}

/** The lines that both sides have, and those of one of them. */
function side(diff: string, sign: '+' | '-'): string {
  const lines = diff.split('\n').filter((line) => line.startsWith(' ') || line.startsWith(sign));
  return lines.map((line) => `${line.slice(1)}\n`).join('');
}
