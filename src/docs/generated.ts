import { envExample } from '../config.js';
import { renderSettings } from './settings.js';

/** A file that is made from the code. */
export interface GeneratedFile {
  /** From the project's root on. */
  readonly path: string;
  render(): string;
}

/** Everything that `npm run docs` writes; a test fails when one of them is out of date. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/settings.md', render: renderSettings },
  { path: '.env.example', render: envExample },
];
