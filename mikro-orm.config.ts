import { loadConfig } from './src/config.js';
import type { DatabaseDefinition } from './src/database/definition.js';
import { migrations } from './src/database/migrations/index.js';
import { databaseOptions } from './src/database/options.js';
import { entities } from './src/modules/index.js';

/** The project's database: every entity and every migration. */
export const databaseDefinition: DatabaseDefinition = { entities, migrations };

/** For MikroORM's own tools, on the database that the environment names. */
export default () => databaseOptions(loadConfig(process.env).database, databaseDefinition);
