/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation ObtainToken($input: ObtainTokenInput!) {\n    obtainToken(input: $input) {\n      __typename\n      ... on TokenPair {\n        accessToken\n        refreshToken\n      }\n    }\n  }\n": typeof types.ObtainTokenDocument,
    "\n  mutation RefreshToken($refreshToken: String) {\n    refreshToken(refreshToken: $refreshToken) {\n      accessToken\n      refreshToken\n    }\n  }\n": typeof types.RefreshTokenDocument,
    "\n  mutation Logout {\n    logout {\n      sessionsEnded\n    }\n  }\n": typeof types.LogoutDocument,
    "\n  query Me {\n    me {\n      username\n      email\n    }\n  }\n": typeof types.MeDocument,
    "\n  query ListPosts($first: Int, $after: String) {\n    posts(first: $first, after: $after) {\n      nodes {\n        id\n        title\n        createdAt\n        author {\n          username\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ListPostsDocument,
    "\n  mutation CreatePost($input: CreatePostInput!) {\n    createPost(input: $input) {\n      id\n      title\n      status\n    }\n  }\n": typeof types.CreatePostDocument,
};
const documents: Documents = {
    "\n  mutation ObtainToken($input: ObtainTokenInput!) {\n    obtainToken(input: $input) {\n      __typename\n      ... on TokenPair {\n        accessToken\n        refreshToken\n      }\n    }\n  }\n": types.ObtainTokenDocument,
    "\n  mutation RefreshToken($refreshToken: String) {\n    refreshToken(refreshToken: $refreshToken) {\n      accessToken\n      refreshToken\n    }\n  }\n": types.RefreshTokenDocument,
    "\n  mutation Logout {\n    logout {\n      sessionsEnded\n    }\n  }\n": types.LogoutDocument,
    "\n  query Me {\n    me {\n      username\n      email\n    }\n  }\n": types.MeDocument,
    "\n  query ListPosts($first: Int, $after: String) {\n    posts(first: $first, after: $after) {\n      nodes {\n        id\n        title\n        createdAt\n        author {\n          username\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ListPostsDocument,
    "\n  mutation CreatePost($input: CreatePostInput!) {\n    createPost(input: $input) {\n      id\n      title\n      status\n    }\n  }\n": types.CreatePostDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ObtainToken($input: ObtainTokenInput!) {\n    obtainToken(input: $input) {\n      __typename\n      ... on TokenPair {\n        accessToken\n        refreshToken\n      }\n    }\n  }\n"): typeof import('./graphql.js').ObtainTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RefreshToken($refreshToken: String) {\n    refreshToken(refreshToken: $refreshToken) {\n      accessToken\n      refreshToken\n    }\n  }\n"): typeof import('./graphql.js').RefreshTokenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Logout {\n    logout {\n      sessionsEnded\n    }\n  }\n"): typeof import('./graphql.js').LogoutDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Me {\n    me {\n      username\n      email\n    }\n  }\n"): typeof import('./graphql.js').MeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListPosts($first: Int, $after: String) {\n    posts(first: $first, after: $after) {\n      nodes {\n        id\n        title\n        createdAt\n        author {\n          username\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.js').ListPostsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreatePost($input: CreatePostInput!) {\n    createPost(input: $input) {\n      id\n      title\n      status\n    }\n  }\n"): typeof import('./graphql.js').CreatePostDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
