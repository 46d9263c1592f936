import { createTestApp, type TestApp } from '../support/app.js';
import type { Mail } from '../support/mails.js';
import { readExamples } from './examples.js';
import { ExampleReader } from './reader.js';

const examples = await readExamples();

/** After these the caller has to sign in again. */
const endings = new Set(['RevokeToken', 'Logout', 'LogoutEverywhere']);

describe('docs/examples.graphql', () => {
  let instance: TestApp;
  let reader: ExampleReader;
  beforeAll(async () => {
    instance = await createTestApp('pglite', { env: { JWT_AUTH_TOKEN_CLASSES: 'access,sliding' } });
    const admin = { username: 'admin', email: 'admin@example.com', password: 'a long sentence is best' };
    await instance.app.services.users.register(instance.app.database.fork(), admin, 'ADMIN');
    reader = new ExampleReader(instance.client(), instance.app.schema, {
      mailbox,
      publicUrl: instance.config.http.publicUrl,
    });
  });
  afterAll(() => instance.stop());

  /** What the outbox does may put a mail into it. */
  async function mailbox(): Promise<Mail[]> {
    await instance.app.services.outbox.deliver();
    const mails = await Promise.all(['dora@example.com', 'dora@example.org'].map((one) => instance.mailsTo(one)));
    return mails.flat();
  }

  test('has an example of every field of the root types', () => {
    const { schema } = instance.app;
    const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() };
    const shown = new Set(examples.flatMap(({ rootFields }) => rootFields));
    expect(Object.keys(fields).filter((field) => !shown.has(field))).toEqual([]);
  });

  test('has no two examples of one name', () => {
    expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
  });

  test.each(examples)('$name says what it shows, and works after those above it', async (example) => {
    expect(example.comment).not.toBe('');
    // So that of two sessions one is newer, and another code may be asked for.
    instance.clock.advance(example.name === 'ResendSecondFactorCode' ? 31_000 : 1_000);
    const { errors, data } = await reader.run(example);
    expect(errors).toEqual([]);
    for (const field of example.rootFields) expect(data[field] ?? null).not.toBeNull();
    if (endings.has(example.name)) await reader.run(signIn());
  });
});

function signIn() {
  const example = examples.find(({ name }) => name === 'ObtainToken');
  if (example === undefined) throw new Error('There is no example of a sign-in.');
  return example;
}
