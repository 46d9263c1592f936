import { buildSchema, defaultFieldResolver, type GraphQLObjectType, graphql, isObjectType } from 'graphql';
import { forbidden } from '../../src/common/errors.js';
import { permissions } from '../../src/graphql/permissions.js';
import { createBareSchema } from '../../src/graphql/schema.js';
import { anyone, applyPermissions, guard, type Permissions, ruleOf } from '../../src/graphql/shield.js';
import { createTestApp, type TestApp } from '../support/app.js';

const bare = createBareSchema();

const objectTypes: readonly GraphQLObjectType[] = Object.values(bare.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));

const fields = objectTypes.flatMap((type) => Object.keys(type.getFields()).map((field) => [type.name, field] as const));

describe('the page of permissions', () => {
  test.each(fields)('%s.%s has a rule', (type, field) => {
    expect(ruleOf(permissions, type, field)).toBeDefined();
  });

  test.each(Object.keys(permissions))('%s is a type of the schema, and every field named there a field', (type) => {
    const known = objectTypes.find(({ name }) => name === type)?.getFields() ?? {};
    expect(Object.keys(known)).not.toEqual([]);
    const rules = permissions[type] ?? {};
    const named = 'resolve' in rules ? [] : Object.keys(rules);
    expect(Object.keys(known)).toEqual(expect.arrayContaining(named));
  });

  test.each([
    ['User', 'email'],
    ['User', 'lastLoginAt'],
    ['User', 'active'],
    ['User', 'sessions'],
    ['User', 'passkeys'],
    ['Query', 'me'],
    ['Query', 'sessions'],
    ['Query', 'users'],
    ['Query', 'outstandingTokens'],
    ['Mutation', 'logout'],
    ['Mutation', 'revokeSession'],
    ['Mutation', 'startPasskeyRegistration'],
    ['Mutation', 'finishPasskeyRegistration'],
    ['Mutation', 'removePasskey'],
    ['Query', 'securityEvents'],
    ['Query', 'mySecurityEvents'],
    ['Mutation', 'setUserRole'],
    ['Mutation', 'setUserActive'],
    ['Mutation', 'revokeUserSessions'],
    ['Mutation', 'blacklistToken'],
    ['User', 'emailVerified'],
    ['Query', 'exportMyData'],
    ['Mutation', 'requestEmailVerification'],
    ['Mutation', 'changeEmail'],
    ['Mutation', 'changePassword'],
    ['Mutation', 'deleteAccount'],
    ['Mutation', 'createPost'],
    ['Mutation', 'updatePost'],
    ['Mutation', 'deletePost'],
  ])('%s.%s is not open to anyone', (type, field) => {
    expect(ruleOf(permissions, type, field)).not.toBe(anyone);
  });
});

describe('the schema behind its permissions', () => {
  let instance: TestApp;

  beforeAll(async () => {
    instance = await createTestApp('pglite');
  });
  afterAll(() => instance.stop());

  /** What each table has beyond its type: a slip of a decorator would show here, and nowhere else. */
  const privateColumns: Readonly<Record<string, readonly string[]>> = {
    // User.active shows isActive.
    User: ['emailVerifiedAt', 'isActive', 'passwordChangedAt', 'passwordHash', 'tokenVersion'],
    Session: ['endReason', 'endedAt', 'userId'],
    // OutstandingToken shows most of it, to admins.
    RefreshToken: [
      'blacklistedAt',
      'expiresAt',
      'issuedAt',
      'jti',
      'rotatedAt',
      'sessionId',
      'state',
      'successorJti',
      'userId',
    ],
    Passkey: ['counter', 'credentialId', 'publicKey', 'transports', 'userId'],
    SecurityEvent: ['actorId', 'userId'],
    Post: ['authorId', 'search'],
  };

  test('shows no column that is private to the server, and every entity is accounted for', () => {
    const hidden: Record<string, string[]> = {};
    for (const { className, properties } of instance.app.database.orm.getMetadata().getAll().values()) {
      const type = objectTypes.find(({ name }) => name === className)?.getFields() ?? {};
      hidden[className] = Object.keys(properties)
        .filter((column) => !(column in type))
        .sort();
    }
    expect(hidden).toEqual(privateColumns);
  });

  const resolverOf = (schema: typeof bare, type: string, field: string) => {
    const object = schema.getType(type);
    return isObjectType(object) ? object.getFields()[field]?.resolve : undefined;
  };

  test.each(fields)('wraps %s.%s if, and only if, it is guarded', (type, field) => {
    const resolve = resolverOf(instance.app.schema, type, field);
    const isPlain = resolverOf(bare, type, field) === undefined;
    if (ruleOf(permissions, type, field) !== anyone) expect(resolve).toBeDefined();
    else if (isPlain) expect([undefined, defaultFieldResolver]).toContain(resolve);
    else expect(resolve).toBeDefined();
  });
});

describe('rules', () => {
  const ask = async (permissions: Permissions, source = '{ open closed thing { name } }') => {
    const schema = buildSchema('type Query { open: String closed: String thing: Thing } type Thing { name: String }');
    const rootValue = { open: () => 'open', closed: () => 'closed', thing: { name: 'a name' } };
    const { data, errors } = await graphql({
      schema: applyPermissions(schema, permissions),
      source,
      rootValue,
      contextValue: {},
    });
    return {
      data: JSON.parse(JSON.stringify(data)),
      messages: (errors ?? []).map(({ path, message }) => `${path?.join('.')}: ${message}`),
    };
  };

  test('deny what is named nowhere, be it a field or a whole type', async () => {
    expect(await ask({ Query: { open: anyone, thing: anyone } })).toEqual({
      data: { open: 'open', closed: null, thing: { name: null } },
      messages: ['closed: Not Authorised!', 'thing.name: Not Authorised!'],
    });
  });

  test('hand on the error that refuses, whatever is thrown', async () => {
    const refuse = guard('refuse', () => {
      throw forbidden('Not you.');
    });
    const throwNoError = guard('throwNoError', () => {
      throw 'a string';
    });
    const { data, messages } = await ask({
      Query: { open: refuse, closed: throwNoError, thing: anyone },
      Thing: { name: anyone },
    });
    expect(data).toEqual({ open: null, closed: null, thing: { name: 'a name' } });
    expect(messages).toEqual(['open: Not you.', 'closed: The rule throwNoError threw what is no Error.']);
  });

  test('run before the resolver, which then does not run', async () => {
    const schema = buildSchema('type Query { secret: String }');
    let ran = false;
    const rootValue = {
      secret: () => {
        ran = true;
      },
    };
    const refuse = guard('refuse', async () => {
      throw forbidden();
    });
    await graphql({
      schema: applyPermissions(schema, { Query: { secret: refuse } }),
      source: '{ secret }',
      rootValue,
      contextValue: {},
    });
    expect(ran).toBe(false);
  });
});
