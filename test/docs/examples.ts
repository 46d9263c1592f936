import { readFile } from 'node:fs/promises';
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  separateOperations,
  TokenKind,
} from 'graphql';

/** An operation of docs/examples.graphql, by itself. */
export interface Example {
  readonly name: string;
  readonly kind: 'query' | 'mutation';
  readonly rootFields: readonly string[];
  /** The comment above it, without the line that holds the variables. */
  readonly comment: string;
  /** JSON, with `<name>` where the value of an earlier answer goes. */
  readonly variables: string;
  readonly query: string;
}

export async function readExamples(): Promise<Example[]> {
  const text = await readFile(new URL('../../docs/examples.graphql', import.meta.url), 'utf8');
  const document = parse(text);
  const single = separateOperations(document);
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => toExample(operation, single));
}

function toExample(operation: OperationDefinitionNode, single: Record<string, DocumentNode>): Example {
  const name = operation.name?.value ?? '';
  const document = single[name];
  if (document === undefined || operation.operation === 'subscription') throw new Error(`${name} is no example.`);
  const lines = commentAbove(operation);
  return {
    name,
    kind: operation.operation,
    rootFields: operation.selectionSet.selections.flatMap((selection) =>
      selection.kind === Kind.FIELD ? [selection.name.value] : [],
    ),
    comment: lines.filter((line) => !line.startsWith('{')).join(' '),
    variables: lines.find((line) => line.startsWith('{')) ?? '{}',
    query: print(document),
  };
}

function commentAbove(operation: OperationDefinitionNode): string[] {
  const lines: string[] = [];
  let token = operation.loc?.startToken.prev;
  while (token?.kind === TokenKind.COMMENT) {
    lines.unshift(token.value.trim());
    token = token.prev;
  }
  return lines;
}
