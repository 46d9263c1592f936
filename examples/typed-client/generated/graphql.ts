/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A new post; its author is the caller. */
export type CreatePostInput = {
  /** 1 to 100,000 characters, kept as they are. */
  body: string;
  /** Who may read it. */
  status?: PostStatus | null | undefined;
  /** 1 to 200 characters, after white space around them is removed. */
  title: string;
};

/** What signs a user in. */
export type ObtainTokenInput = {
  /** Deliver the refresh token as an HttpOnly cookie instead of in the answer. */
  cookie?: boolean | null | undefined;
  /** What `completeSecondFactor` has given to a remembered device: no second factor is due then. */
  deviceToken?: string | null | undefined;
  password: string;
  /** The user name or the e-mail address, without regard to case. */
  username: string;
};

/** Who may read a post. */
export type PostStatus =
  /** Exists only for its author and admins. */
  | 'DRAFT'
  /** Anyone may read it. */
  | 'PUBLISHED';

export type ObtainTokenMutationVariables = Exact<{
  input: ObtainTokenInput;
}>;


export type ObtainTokenMutation = { obtainToken:
    | { __typename: 'SecondFactorChallenge' }
    | { __typename: 'TokenPair', accessToken: string, refreshToken: string | null }
   };

export type RefreshTokenMutationVariables = Exact<{
  refreshToken?: string | null | undefined;
}>;


export type RefreshTokenMutation = { refreshToken: { accessToken: string, refreshToken: string | null } };

export type LogoutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogoutMutation = { logout: { sessionsEnded: number } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { username: string, email: string | null } | null };

export type ListPostsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ListPostsQuery = { posts: { nodes: Array<{ id: string, title: string, createdAt: string, author: { username: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CreatePostMutationVariables = Exact<{
  input: CreatePostInput;
}>;


export type CreatePostMutation = { createPost: { id: string, title: string, status: PostStatus } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const ObtainTokenDocument = new TypedDocumentString(`
    mutation ObtainToken($input: ObtainTokenInput!) {
  obtainToken(input: $input) {
    __typename
    ... on TokenPair {
      accessToken
      refreshToken
    }
  }
}
    `) as unknown as TypedDocumentString<ObtainTokenMutation, ObtainTokenMutationVariables>;
export const RefreshTokenDocument = new TypedDocumentString(`
    mutation RefreshToken($refreshToken: String) {
  refreshToken(refreshToken: $refreshToken) {
    accessToken
    refreshToken
  }
}
    `) as unknown as TypedDocumentString<RefreshTokenMutation, RefreshTokenMutationVariables>;
export const LogoutDocument = new TypedDocumentString(`
    mutation Logout {
  logout {
    sessionsEnded
  }
}
    `) as unknown as TypedDocumentString<LogoutMutation, LogoutMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    username
    email
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const ListPostsDocument = new TypedDocumentString(`
    query ListPosts($first: Int, $after: String) {
  posts(first: $first, after: $after) {
    nodes {
      id
      title
      createdAt
      author {
        username
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ListPostsQuery, ListPostsQueryVariables>;
export const CreatePostDocument = new TypedDocumentString(`
    mutation CreatePost($input: CreatePostInput!) {
  createPost(input: $input) {
    id
    title
    status
  }
}
    `) as unknown as TypedDocumentString<CreatePostMutation, CreatePostMutationVariables>;