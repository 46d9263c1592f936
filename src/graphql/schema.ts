import 'reflect-metadata';
import { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { resolvers, type Services } from '../modules/index.js';
import { errorTypes } from './error-types.js';
import { permissions } from './permissions.js';
import { applyPermissions } from './shield.js';

type BuildOptions = Parameters<typeof buildSchemaSync>[0];

/** The schema without rules and without anybody to answer: to be printed and inspected. */
export function createBareSchema(container: BuildOptions['container'] = { get: () => undefined }): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [...resolvers.keys()] as unknown as NonEmptyArray<BuildOptions['resolvers'][number]>,
    container,
    validate: false,
    // It would run a whole introspection; graphql checks each schema by itself before the first operation.
    skipCheck: true,
  });
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, types: [...config.types, ...errorTypes] });
}

/** The schema behind its permissions, answered by these services. */
export function createSchema(services: Services): GraphQLSchema {
  const instances = new Map<unknown, object>();
  for (const [resolver, create] of resolvers) instances.set(resolver, create(services));
  return applyPermissions(createBareSchema({ get: (resolver) => instances.get(resolver) }), permissions);
}
