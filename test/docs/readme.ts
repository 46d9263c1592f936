import { readFile } from 'node:fs/promises';

/** A fenced block of a Markdown file, with the comment in the line above it. */
export interface Block {
  readonly language: string;
  readonly mark: string | null;
  readonly text: string;
}

export async function readProjectFile(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

export function blocksOf(markdown: string): Block[] {
  const pattern = /(?:^<!-- ([^\n]+) -->\n)?^```(\w+)\n(.*?)^```$/gms;
  return [...markdown.matchAll(pattern)].map(([, mark, language, text]) => ({
    language: language ?? '',
    mark: mark ?? null,
    text: text ?? '',
  }));
}

/** Commands of a page, and the lines that it says they print. */
export interface Exchange {
  readonly mark: string | null;
  readonly script: string;
  readonly promised: readonly string[];
}

/** The shell blocks of a page, each with the text that stands below it, if there is one. */
export function exchangesOf(markdown: string): Exchange[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap(({ language, mark, text }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ mark, script: text, promised: next?.language === 'text' ? next.text.trimEnd().split('\n') : [] }];
  });
}

/** Whether the lines are as promised; `…` stands for any text within a line, or alone for any lines. */
export function keepsPromise(lines: readonly string[], promised: readonly string[]): boolean {
  const pattern = promised
    .map((line) => (line === '…' ? '(?:.*\\n)*' : `${line.split('…').map(escaped).join('.*')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(lines.map((line) => `${line}\n`).join(''));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
