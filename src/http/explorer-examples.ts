import { readFile } from 'node:fs/promises';
import {
  type DefinitionNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  separateOperations,
  TokenKind,
} from 'graphql';

/** One tab of the explorer. */
export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

/** Seen from the project's root, where npm starts the server. */
const examplesFile = 'docs/examples.graphql';

/** The root fields that a first visit is about, in the order in which one meets them. */
const firstSteps = ['posts', 'register', 'obtainToken', 'me', 'createPost', 'refreshToken', 'sessions', 'logout'];

const builtIn = `
# Who am I? Paste an access token into the headers: {"Authorization": "Bearer …"}
query Me { me { id username role } }

# Published posts, newest first
query Posts { posts(first: 10) { edges { node { id title author { username } } } pageInfo { hasNextPage endCursor } } }
`;

/** Reads the examples of the docs, each operation with the comment above it, and falls back on two built-in ones. */
export async function loadExampleTabs(source: string | URL = examplesFile): Promise<readonly ExampleTab[]> {
  const text = await readFile(source, 'utf8').catch(() => builtIn);
  return tabsOf(text) ?? tabsOf(builtIn) ?? [];
}

function tabsOf(text: string): readonly ExampleTab[] | null {
  try {
    return chooseTabs(parse(text));
  } catch {
    return null;
  }
}

function chooseTabs(document: DocumentNode): readonly ExampleTab[] {
  const single = separateOperations(document);
  const operations = document.definitions.filter(isOperation);
  const wanted = firstSteps
    .map((field) => operations.find((operation) => rootField(operation) === field))
    .filter((operation) => operation !== undefined);
  const chosen = wanted.length > 0 ? wanted : operations.slice(0, firstSteps.length);
  return chosen.map((operation) => toTab(operation, single[operation.name?.value ?? '']));
}

/** A comment line that is a JSON object holds the operation's variables. */
function toTab(operation: OperationDefinitionNode, document: DocumentNode | undefined): ExampleTab {
  const comments = commentsAbove(operation);
  const variables = comments.find(isJsonObject);
  const prose = comments.filter((line) => line !== variables).map((line) => `# ${line}\n`);
  const query = `${prose.join('')}${document === undefined ? print(operation) : print(document)}`;
  return variables === undefined ? { query } : { query, variables };
}

function commentsAbove(operation: OperationDefinitionNode): string[] {
  const lines: string[] = [];
  let token = operation.loc?.startToken.prev;
  while (token?.kind === TokenKind.COMMENT) {
    lines.unshift(token.value.trim());
    token = token.prev;
  }
  return lines.filter((line) => line !== '');
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION;
}

function rootField(operation: OperationDefinitionNode): string | undefined {
  const [selection] = operation.selectionSet.selections;
  return selection?.kind === Kind.FIELD ? selection.name.value : undefined;
}

function isJsonObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
