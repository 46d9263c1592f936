import { Migration20261123000000First } from './migration-20261123000000-first.js';

/** Every migration, oldest first; a new one adds a line. */
export const migrations = [Migration20261123000000First];
