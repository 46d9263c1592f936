import { loadConfig } from '../config.js';
import { migrate } from '../database/migrate.js';
import { defineCommand, runAsProcess } from './command.js';
import { withDatabase } from './with-database.js';

const help = `Brings the database up to date.

npm run migrate

The server does the same at its start unless MIGRATE_ON_START is false. Any number may run at once: they take turns.
`;

export const migrateCommand = defineCommand({
  name: 'migrate',
  help,
  options: {},
  async execute(_values, io, variables) {
    const applied = await withDatabase(loadConfig(variables), io, migrate);
    for (const name of applied) io.stdout.write(`Applied ${name}.\n`);
    if (applied.length === 0) io.stdout.write('The database is up to date: nothing was pending.\n');
  },
});

if (import.meta.main) await runAsProcess(migrateCommand);
