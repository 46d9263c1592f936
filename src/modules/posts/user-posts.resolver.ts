import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import type { Connection } from '../../common/pagination/connection.js';
import { PageArguments } from '../../common/pagination/page-arguments.js';
import { batchedReads } from '../../common/pagination/read-rows.js';
import { User } from '../users/user.entity.js';
import type { Post } from './post.entity.js';
import type { Reader } from './post.policy.js';
import type { PostService } from './post.service.js';
import { PostConnection } from './post.types.js';

/** `User.posts`, kept here so that users know nothing of posts. */
@Resolver(() => User)
export class UserPostsResolver {
  constructor(private readonly service: PostService) {}

  @FieldResolver(() => PostConnection, {
    description: 'The user’s posts, newest first. Drafts are there only for the user and admins.',
  })
  posts(
    @Root() author: Pick<User, 'id' | 'role'>,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: RequestContext,
  ): Connection<Post> {
    return this.service.pageOfAuthor(context.once(batchedReads), readerOf(context, author), author.id, page);
  }
}

/** Inside `register` and `TokenPair` the new caller counts as signed in. */
function readerOf({ viewer, provenUserIds }: RequestContext, author: Pick<User, 'id' | 'role'>): Reader {
  return provenUserIds.has(author.id) ? { kind: 'user', id: author.id, role: author.role } : viewer;
}
