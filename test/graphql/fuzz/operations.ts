import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

/** One field of Query or Mutation, with all that it can be asked for. */
export interface Operation {
  readonly type: 'query' | 'mutation';
  readonly field: string;
  readonly args: readonly GraphQLArgument[];
  /** All leaves of the answer, and those of the objects in it. */
  readonly selection: string;
}

/** Values of arguments; one that is not there, or undefined, is left out. */
export type Values = Readonly<Record<string, unknown>>;

/** An operation for each field that there is. */
export function operationsOf(schema: GraphQLSchema): Operation[] {
  const of = (type: Operation['type'], root: GraphQLObjectType | null | undefined) =>
    Object.values(root?.getFields() ?? {}).map((field) => {
      return { type, field: field.name, args: field.args, selection: selectionOf(field.type, 1) };
    });
  return [...of('query', schema.getQueryType()), ...of('mutation', schema.getMutationType())];
}

function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    const members = named.getTypes().map((member) => `... on ${member.name} ${selectionOf(member, depth)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter(({ args }) => !args.some(isRequiredArgument))
    .filter((field) => depth > 0 || isLeafType(getNamedType(field.type)))
    .map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`);
  return `{ ${fields.join(' ')} }`;
}

/** With a variable of its own for each argument. */
export function withVariables({ type, field, args, selection }: Operation): string {
  if (args.length === 0) return `${type} { ${field} ${selection} }`;
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const given = args.map(({ name }) => `${name}: $${name}`).join(', ');
  return `${type} (${declared}) { ${field}(${given}) ${selection} }`;
}

/** With the values written into the document. */
export function withLiterals({ type, field, args, selection }: Operation, values: Values): string {
  const given = args
    .filter(({ name }) => values[name] !== undefined)
    .map((arg) => `${arg.name}: ${literalOf(values[arg.name], arg.type)}`);
  return `${type} { ${field}${given.length === 0 ? '' : `(${given.join(', ')})`} ${selection} }`;
}

const name = /^[_A-Za-z]\w*$/;

/** A value as it is written where that type is due, be it of the type or not. */
function literalOf(value: unknown, type: GraphQLInputType | undefined): string {
  const due = type && getNullableType(type);
  if (typeof value === 'string' && isEnumType(due) && name.test(value)) return value;
  if (Array.isArray(value)) {
    return `[${value.map((item) => literalOf(item, isListType(due) ? due.ofType : due)).join(', ')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const types = isInputObjectType(due) ? due.getFields() : {};
  const fields = Object.entries(value)
    .filter(([key, part]) => name.test(key) && part !== undefined)
    .map(([key, part]) => `${key}: ${literalOf(part, Object.hasOwn(types, key) ? types[key]?.type : undefined)}`);
  return `{ ${fields.join(', ')} }`;
}
