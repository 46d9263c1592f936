import { migrations } from '../../src/database/migrations/index.js';

test('migrations run in the order of their names, which are their moments', () => {
  const names = migrations.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  for (const name of names) expect(name).toMatch(/^Migration\d{14}[A-Z]\w*$/);
});
