import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { checksCredentials } from '../common/credential-check.js';
import type { Config } from '../config.js';

/** How large an operation may be, whatever it costs to run. */
export type QueryLimits = Omit<Config['graphql']['limits'], 'tokens' | 'cost'>;

/** An operation that has passed validation, so that its fragments are there and go in no circle. */
export interface SizedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** The sentence that says what is too large, and how large it may be; null where nothing is. A fragment counts wherever it is spread. */
export function excessOf(sized: SizedOperation, limits: QueryLimits): string | null {
  const { operation } = sized;
  const size = new Measure(sized.document).of(operation.selectionSet);
  const directives = size.directives + (operation.directives?.length ?? 0);
  if (size.depth > limits.depth) return tooMany('is', size.depth, limits.depth, 'fields deep');
  if (size.fields.length > limits.rootFields) {
    return tooMany('has', size.fields.length, limits.rootFields, 'fields at its root');
  }
  if (size.aliases > limits.aliases) return tooMany('has', size.aliases, limits.aliases, 'aliases');
  if (directives > limits.directives) return tooMany('has', directives, limits.directives, 'directives');
  const checks = size.fields.filter((name) => checksCredentialsAt(sized, name));
  if (checks.length > 1)
    return `Only one of ${[...new Set(checks)].join(', ')} may be in an operation. Send them one by one.`;
  return null;
}

function tooMany(verb: 'is' | 'has', count: number, limit: number, what: string): string {
  return `The operation ${verb} ${count} ${what}; at most ${limit} are allowed. Ask for less, or in parts.`;
}

function checksCredentialsAt({ schema, operation }: SizedOperation, name: string): boolean {
  const field = schema.getRootType(operation.operation)?.getFields()[name];
  return field !== undefined && checksCredentials(field);
}

interface Size {
  /** The names of the fields at its top, one for each time. */
  readonly fields: readonly string[];
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
}

const nothing: Size = { fields: [], depth: 0, aliases: 0, directives: 0 };

/** Looks at each fragment once, however often it is spread. */
class Measure {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly measured = new Map<string, Size>();

  constructor({ definitions }: DocumentNode) {
    this.fragments = new Map(
      definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
    );
  }

  of({ selections }: SelectionSetNode): Size {
    return selections.map((selection) => this.ofSelection(selection)).reduce(sum, nothing);
  }

  private ofSelection(selection: SelectionNode): Size {
    const inner = this.inside(selection);
    const directives = inner.directives + (selection.directives?.length ?? 0);
    if (selection.kind !== Kind.FIELD) return { ...inner, directives };
    const { name, alias } = selection;
    return {
      fields: [name.value],
      depth: inner.depth + 1,
      aliases: inner.aliases + (alias === undefined ? 0 : 1),
      directives,
    };
  }

  private inside(selection: SelectionNode): Size {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.ofFragment(selection.name.value);
    // Explorers ask for the schema in depth; it is as large as it is, and costs no statement.
    if (selection.kind === Kind.FIELD && selection.name.value.startsWith('__')) return nothing;
    return selection.selectionSet === undefined ? nothing : this.of(selection.selectionSet);
  }

  private ofFragment(name: string): Size {
    const known = this.measured.get(name);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    const size = fragment === undefined ? nothing : this.of(fragment.selectionSet);
    this.measured.set(name, size);
    return size;
  }
}

function sum(one: Size, other: Size): Size {
  return {
    fields: mergeFields(one.fields, other.fields),
    depth: Math.max(one.depth, other.depth),
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
  };
}

/** More than any limit allows need not be told apart, and fragments that double would make lists of any length. */
const mostFields = 1_001;

function mergeFields(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0) return other;
  return [...one, ...other].slice(0, mostFields);
}
