import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  validate,
} from 'graphql';
import { type ComplexityEstimator, createComplexityRule } from 'graphql-query-complexity';

/** What a list returns at most, and without being asked for a number. */
const largestPage = 100;
const usualPage = 20;

/** Fields and fragments looked at before an operation counts as too large, be they skipped or spread by doubling fragments. */
const leastNodes = 10_000;

export interface CountedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * What an operation costs: a field 1 and what is below it, which a connection multiplies by its page; introspection
 * nothing. Infinity where counting itself would take too long; null where wrong variables keep it from running at all.
 */
export function costOf({ schema, document, operation, variables }: CountedOperation, limit: number): number | null {
  // Checked beforehand, for the rule would print each wrong variable up to fifty times.
  if (getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 1 }).errors) return null;
  let cost = Number.POSITIVE_INFINITY;
  const rule = createComplexityRule({
    maximumComplexity: Number.POSITIVE_INFINITY,
    maxQueryNodes: Math.max(leastNodes, 2 * limit),
    variables: { ...variables },
    estimators: [fieldCost],
    onComplete: (complexity) => {
      cost = complexity;
    },
  });
  try {
    // What the rule reports are fields whose arguments are wrong: they never run, and execution tells of them.
    validate(schema, only(operation, document), [rule], { maxErrors: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
  }
  return cost;
}

const fieldCost: ComplexityEstimator = ({ field, args, childComplexity }) => {
  if (field.name === '__schema' || field.name === '__type') return 0;
  const isConnection = getNamedType(field.type).name.endsWith('Connection');
  return 1 + (isConnection ? pageSize(args) : 1) * childComplexity;
};

/** At least 1, for an empty page has its count and its page info all the same. */
function pageSize({ first, last }: Readonly<Record<string, unknown>>): number {
  const asked = [first, last].filter((size) => typeof size === 'number');
  return asked.length === 0 ? usualPage : Math.min(Math.max(1, ...asked), largestPage);
}

function only(operation: OperationDefinitionNode, { kind, definitions }: DocumentNode): DocumentNode {
  return { kind, definitions: [operation, ...definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)] };
}

/** The rule's own complaint about too many nodes points at none of them, unlike those about a directive's arguments. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof GraphQLError && error.nodes === undefined);
}
