import { pendingMigrations } from '../../src/database/migrate.js';
import { openDatabase } from '../../src/database/open.js';
import { createTestDatabase, projectDefinition, testDatabaseKinds } from '../support/databases.js';

describe.each(testDatabaseKinds)('the test databases on %s', (kind) => {
  test('come migrated, and one each even when asked for at once', async () => {
    const definition = await projectDefinition();
    const two = await Promise.all([createTestDatabase(kind), createTestDatabase(kind)]);
    const pending = two.map(async (fresh) => {
      const database = await openDatabase(fresh.settings, { ...definition, ...fresh.overrides });
      try {
        return await pendingMigrations(database);
      } finally {
        await database.close();
        await fresh.drop();
      }
    });
    expect(await Promise.all(pending)).toEqual([[], []]);
    expect(two[0]?.url === null || two[0]?.url !== two[1]?.url).toBe(true);
  }, 60_000);
});
