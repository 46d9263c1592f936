import { envExample } from '../config.js';
import { renderErrors } from './errors.js';
import { renderRevocation } from './revocation.js';
import { renderSecurityEventTypes } from './security-event-types.js';
import { renderSettings } from './settings.js';
import { renderSimpleJwt } from './simplejwt.js';

/** A file that is made from the code. */
export interface GeneratedFile {
  /** From the project's root on. */
  readonly path: string;
  render(): string;
}

/** Everything that `npm run docs` writes; a test fails when one of them is out of date. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/settings.md', render: renderSettings },
  { path: 'docs/errors.md', render: renderErrors },
  { path: 'docs/revocation.md', render: renderRevocation },
  { path: 'docs/security-event-types.md', render: renderSecurityEventTypes },
  { path: 'docs/simplejwt.md', render: renderSimpleJwt },
  { path: '.env.example', render: envExample },
];
