import { graphql } from './generated/gql.js';

/** What this program asks for. The text is the only source of the types of its variables and its answers. */
export const obtainToken = graphql(/* GraphQL */ `
  mutation ObtainToken($input: ObtainTokenInput!) {
    obtainToken(input: $input) {
      __typename
      ... on TokenPair {
        accessToken
        refreshToken
      }
    }
  }
`);

export const refreshToken = graphql(/* GraphQL */ `
  mutation RefreshToken($refreshToken: String) {
    refreshToken(refreshToken: $refreshToken) {
      accessToken
      refreshToken
    }
  }
`);

export const logout = graphql(/* GraphQL */ `
  mutation Logout {
    logout {
      sessionsEnded
    }
  }
`);

export const me = graphql(/* GraphQL */ `
  query Me {
    me {
      username
      email
    }
  }
`);

export const listPosts = graphql(/* GraphQL */ `
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
`);

export const createPost = graphql(/* GraphQL */ `
  mutation CreatePost($input: CreatePostInput!) {
    createPost(input: $input) {
      id
      title
      status
    }
  }
`);
