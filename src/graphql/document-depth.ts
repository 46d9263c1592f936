import {
  type ASTNode,
  type ASTVisitor,
  BREAK,
  type DocumentNode,
  GraphQLError,
  type ValidationContext,
  visit,
} from 'graphql';

/** In nodes of the syntax tree: two for each selection in a selection, one for each list in a list. */
const deepest = 500;

/**
 * A rule of validation: refuses a document of more levels than any operation has, for graphql-js and what stands on it go
 * down by recursion and overflow the stack. Nothing else is looked at then.
 */
export function documentDepthRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const tooDeep = firstBelow(deepest, document);
      if (tooDeep === null) return undefined;
      context.reportError(new GraphQLError('The document is nested too deeply.', { nodes: tooDeep }));
      // What a visitor returns is what all of them go on with.
      return { ...document, definitions: [] };
    },
  };
}

/** The first node that lies deeper; found without recursion. */
function firstBelow(limit: number, document: DocumentNode): ASTNode | null {
  let depth = 0;
  let found: ASTNode | null = null;
  visit(document, {
    enter(node) {
      depth += 1;
      if (depth <= limit) return undefined;
      found = node;
      return BREAK;
    },
    leave() {
      depth -= 1;
    },
  });
  return found;
}
