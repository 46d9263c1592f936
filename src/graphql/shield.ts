import { createRequire } from 'node:module';
import type { GraphQLSchema } from 'graphql';
import type { applyMiddleware as ApplyMiddleware, IMiddlewareTypeMap } from 'graphql-middleware';
import type { allow as Allow, deny as Deny, rule as Rule, shield as Shield } from 'graphql-shield';
import type { RequestContext } from '../common/context.js';

// The ESM build of graphql-shield does not load on Node 23 and newer, and both packages must come from one module
// system to recognise each other's classes.
const require = createRequire(import.meta.url);
const graphqlShield: { allow: typeof Allow; deny: typeof Deny; rule: typeof Rule; shield: typeof Shield } =
  require('graphql-shield');
const { applyMiddleware }: { applyMiddleware: typeof ApplyMiddleware } = require('graphql-middleware');

export type PermissionRule = typeof Allow | ReturnType<ReturnType<typeof Rule>>;
type FieldRules = Readonly<Record<string, PermissionRule>>;

/** A rule for each field of each type. What is named nowhere is denied. */
export type Permissions = Readonly<Record<string, FieldRules>>;

/** Open to everybody, signed in or not. */
export const anyone: PermissionRule = graphqlShield.allow;

/** The fields of a type that are open to whoever sees the object. */
export function open(...fields: readonly string[]): FieldRules {
  return Object.fromEntries(fields.map((field) => [field, anyone]));
}

/** Throws the coded error that refuses. */
type Check = (context: RequestContext, args: Record<string, unknown>, parent: unknown) => void | Promise<void>;

/**
 * Makes a rule of a check. Shield takes whatever a rule throws for a bare "no"; an error that is returned reaches the
 * client with its code.
 */
export function guard(name: string, check: Check): PermissionRule {
  return graphqlShield.rule(name)(async (parent, args, context: RequestContext) => {
    try {
      await check(context, args, parent);
      return true;
    } catch (error) {
      return error instanceof Error ? error : new Error(`The rule ${name} threw what is no Error.`);
    }
  });
}

/** Puts the rules before the schema's fields; fields that are open to anyone stay unwrapped, because wrapping costs. */
export function applyPermissions(schema: GraphQLSchema, permissions: Permissions): GraphQLSchema {
  const generator = graphqlShield.shield(
    { ...permissions },
    { allowExternalErrors: true, fallbackRule: graphqlShield.deny },
  );
  const generated = generator.generate(schema);
  const guarded: IMiddlewareTypeMap = {};
  for (const [type, fields] of Object.entries(generated)) {
    const entries = Object.entries(fields).filter(([field]) => ruleOf(permissions, type, field) !== anyone);
    if (entries.length > 0) guarded[type] = Object.fromEntries(entries);
  }
  return applyMiddleware(schema, guarded);
}

/** The rule that guards a field; undefined where none is named, and the field is denied. */
export function ruleOf(permissions: Permissions, type: string, field: string): PermissionRule | undefined {
  return permissions[type]?.[field];
}
