import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import type { Connection } from '../../common/pagination/connection.js';
import { requireUser } from '../../common/require-user.js';
import { User } from '../users/user.entity.js';
import { userLoader } from '../users/user.loader.js';
import type { UserRow } from '../users/user.queries.js';
import { Post } from './post.entity.js';
import { CreatePostInput, UpdatePostInput } from './post.inputs.js';
import type { PostService } from './post.service.js';
import { PostConnection, PostsArguments } from './post.types.js';

@Resolver(() => Post)
export class PostResolver {
  constructor(private readonly service: PostService) {}

  @Query(() => Post, { nullable: true, description: 'One post; null if there is none, or none that you may see.' })
  post(
    @Arg('id', () => ID, { description: 'The post’s id.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Post | null> {
    return this.service.byId(context.em, context.viewer, id);
  }

  @Query(() => PostConnection, { description: 'The posts that you may see, newest first unless told otherwise.' })
  posts(@Args(() => PostsArguments) args: PostsArguments, @Ctx() context: RequestContext): Connection<Post> {
    return this.service.page(context.em, context.viewer, args);
  }

  @Mutation(() => Post, { description: 'Writes a post in your name.' })
  createPost(
    @Arg('input', () => CreatePostInput, { description: 'The new post.' }) input: CreatePostInput,
    @Ctx() context: RequestContext,
  ): Promise<Post> {
    return this.service.create(context.em, requireUser(context.viewer), input);
  }

  @Mutation(() => Post, { description: 'Edits a post of your own, or as an admin any.' })
  updatePost(
    @Arg('id', () => ID, { description: 'The post’s id.' }) id: string,
    @Arg('input', () => UpdatePostInput, { description: 'What to change.' }) input: UpdatePostInput,
    @Ctx() context: RequestContext,
  ): Promise<Post> {
    return this.service.update(context.em, requireUser(context.viewer), id, input);
  }

  @Mutation(() => Post, { description: 'Deletes a post of your own, or as an admin any; answers with what it was.' })
  deletePost(
    @Arg('id', () => ID, { description: 'The post’s id.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<Post> {
    return this.service.delete(context.em, requireUser(context.viewer), id);
  }

  @FieldResolver(() => User, { description: 'Who wrote it.' })
  author(@Root('authorId') authorId: string, @Ctx() context: RequestContext): Promise<UserRow> {
    return context.once(userLoader).load(authorId);
  }
}
