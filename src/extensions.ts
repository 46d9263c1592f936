import type { Extensions } from './modules/auth/extensions.js';

/** What this server adds to signing in: nothing yet. docs/extensions.md shows what may stand here. */
export const extensions: Extensions = {};
