import { createTestApp, type TestApp } from '../support/app.js';

const secret = 'a password, and " at "nowhere"; or: so';
const obtain = 'mutation ($input: ObtainTokenInput!) { obtainToken(input: $input) { __typename } }';
const signIn = (password: unknown) => ({ input: { username: 'alice', password } });
const literal = JSON.stringify(secret);

describe('what is said of wrong input', () => {
  let instance: TestApp;
  beforeAll(async () => {
    instance = await createTestApp('pglite');
  });
  afterAll(() => instance.stop());

  test('is short, however long the input, and takes no time to say', async () => {
    const value = [' cannot represent a'.repeat(45_000), ' at "'.repeat(10_000)];
    const start = performance.now();
    const { errors } = await instance.client().query(obtain, signIn(value));
    expect(JSON.stringify(errors).length).toBeLessThan(500);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test.each<[what: string, query: string, variables: object, message: string]>([
    [
      'a list where a string should be',
      obtain,
      signIn([secret]),
      'Variable "$input" got an invalid value at "input.password"; String cannot represent a non string value.',
    ],
    [
      'an object where a string should be',
      obtain,
      signIn({ secret }),
      'Variable "$input" got an invalid value at "input.password"; String cannot represent a non string value.',
    ],
    [
      'a field that there is not',
      obtain,
      { input: { username: 'alice', password: secret, code: secret } },
      'Variable "$input" got an invalid value; Field "code" is not defined by type "ObtainTokenInput".',
    ],
    [
      'a missing field',
      obtain,
      { input: { password: secret } },
      'Variable "$input" got an invalid value; Field "username" of required type "String!" was not provided.',
    ],
    [
      'a string where an object should be',
      obtain,
      { input: secret },
      'Variable "$input" got an invalid value; Expected type "ObtainTokenInput" to be an object.',
    ],
    [
      'null where there must be something',
      obtain,
      signIn(null),
      'Variable "$input" got an invalid value at "input.password"; Expected non-nullable type "String!" not to be null.',
    ],
    [
      'a string as a number, written into the document',
      `{ posts(first: ${literal}) { totalCount } }`,
      {},
      'Int cannot represent non-integer value.',
    ],
    [
      'an object as a string, written into the document',
      `mutation { obtainToken(input: { username: "alice", password: { a: ${literal} } }) { __typename } }`,
      {},
      'String cannot represent a non string value.',
    ],
    [
      'a string as an object, written into the document',
      `mutation { obtainToken(input: ${literal}) { __typename } }`,
      {},
      'Expected value of type "ObtainTokenInput!".',
    ],
    [
      'a string where the grammar has none',
      `mutation { obtainToken ${literal} }`,
      {},
      'Syntax Error: Expected Name, found String.',
    ],
    [
      'a block string where the grammar has none',
      `mutation { """${secret}""" }`,
      {},
      'Syntax Error: Expected Name, found BlockString.',
    ],
  ])('has nothing of it: %s', async (_what, query, variables, message) => {
    const { errors } = await instance.client().query(query, variables);
    expect(errors[0]?.message).toBe(message);
    expect(JSON.stringify(errors)).not.toContain('nowhere');
  });
});
