import { migrations } from '../../src/database/migrations/index.js';
import { execute } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { testDatabaseKinds } from '../support/databases.js';

test('migrations run in the order of their names, which are their moments', () => {
  const names = migrations.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  for (const name of names) expect(name).toMatch(/^Migration\d{14}[A-Z]\w*$/);
});

describe.each(testDatabaseKinds)('the tables that migrations make, on %s', (kind) => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp(kind);
  });
  afterAll(() => instance.stop());

  test('have every column of every entity, null where the entity may be', async () => {
    const columns = await execute<{ name: string; nullable: boolean }>(
      instance,
      `select table_name || '.' || column_name as name, is_nullable = 'YES' as nullable
        from information_schema.columns where table_schema = current_schema()`,
    );
    const made = new Map(columns.map(({ name, nullable }) => [name, nullable]));
    const meant = [...instance.app.database.orm.getMetadata().getAll().values()].flatMap(({ tableName, properties }) =>
      Object.values(properties).flatMap(({ fieldNames = [], nullable }) =>
        fieldNames.map((field): [string, boolean] => [`${tableName}.${field}`, nullable ?? false]),
      ),
    );
    expect(meant.length).toBeGreaterThan(30);
    expect(meant.filter(([name, nullable]) => made.get(name) !== nullable)).toEqual([]);
  });
});
