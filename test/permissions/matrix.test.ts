import { readFile, writeFile } from 'node:fs/promises';
import { isObjectType } from 'graphql';
import { permissions } from '../../src/graphql/permissions.js';
import { createBareSchema } from '../../src/graphql/schema.js';
import { anyone, ruleOf } from '../../src/graphql/shield.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { ordinaryDatabaseKinds } from '../support/databases.js';
import { trials } from './operations.js';
import { registerViewers, thingsFor, viewerNames } from './viewers.js';

const page = 'docs/permissions.md';

const introduction = `# Who may do what

Measured, not written: \`test/permissions/matrix.test.ts\` runs every operation as each of four callers, and fails when an
answer differs from this page or an operation has no row. After a change on purpose,
\`UPDATE_DOCS=1 npm test -- test/permissions\` writes the page anew. The rules themselves are in \`src/graphql/permissions.ts\`.

- **anonymous**: sends no access token, or one that is no good.
- **stranger**: a signed-in user to whom the thing does not belong.
- **owner**: the user to whom the thing belongs.
- **admin**: an administrator to whom it does not belong.

\`allowed\` is an answer, \`null\` an answer that says nothing, a code in capitals an error; in lists a thing is \`shown\` or
\`left out\`. Sliding tokens are on. Every field that is not named here is open to whoever sees the object it belongs to.
`;

type Row = readonly string[];

function table(rows: readonly Row[]): string {
  const all = [['field', 'tried on', ...viewerNames], ['---', '---', ...viewerNames.map(() => '---')], ...rows];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function fieldsOfSchema(): [type: string, field: string][] {
  return Object.values(createBareSchema().getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field): [string, string] => [type.name, field]));
}

describe('the matrix of permissions', () => {
  const tried = new Set(trials.map(({ field }) => field));

  test('has a row for every operation and for every guarded field', () => {
    const due = fieldsOfSchema()
      .filter(([type, field]) => ['Query', 'Mutation'].includes(type) || ruleOf(permissions, type, field) !== anyone)
      .map(([type, field]) => `${type}.${field}`);
    expect(due.filter((field) => !tried.has(field))).toEqual([]);
  });

  test('names no field that is none', () => {
    const known = fieldsOfSchema().map(([type, field]) => `${type}.${field}`);
    expect([...tried].filter((field) => !known.includes(field))).toEqual([]);
  });

  describe.each(ordinaryDatabaseKinds)('on %s', (kind) => {
    let instance: TestApp;

    beforeAll(async () => {
      instance = await createTestApp(kind, { env: { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' } });
      await registerViewers(instance);
    });
    afterAll(() => instance.stop());

    test(`is what ${page} says`, async () => {
      const rows: Row[] = [];
      for (const { field, on, run } of trials) {
        const outcomes = [];
        for (const viewer of viewerNames) outcomes.push(await run(await thingsFor(instance, viewer)));
        rows.push([`\`${field}\``, on, ...outcomes]);
      }
      const measured = `${introduction}\n${table(rows)}\n`;
      if (process.env['UPDATE_DOCS'] === '1') await writeFile(page, measured);
      expect(measured).toBe(await readFile(page, 'utf8'));
    });
  });
});
