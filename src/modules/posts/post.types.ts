import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf, edgeOf } from '../../common/pagination/connection.types.js';
import { type OrderDirection, orderDirections } from '../../common/pagination/order-direction.js';
import { PageArguments } from '../../common/pagination/page-arguments.js';
import { Post, type PostStatus, postStatuses } from './post.entity.js';

export type PostOrderField = 'CREATED_AT' | 'UPDATED_AT' | 'TITLE' | 'RELEVANCE';

export const postOrderFields = {
  CREATED_AT: 'CREATED_AT',
  UPDATED_AT: 'UPDATED_AT',
  TITLE: 'TITLE',
  RELEVANCE: 'RELEVANCE',
} as const satisfies { [Key in PostOrderField]: Key };

registerEnumType(postOrderFields, {
  name: 'PostOrderField',
  description: 'What posts are sorted by.',
  valuesConfig: {
    CREATED_AT: { description: 'When they were created.' },
    UPDATED_AT: { description: 'When they were last edited.' },
    TITLE: { description: 'Their titles.' },
    RELEVANCE: { description: 'How well they match `search`, which is then required; DESC has the best match first.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'A post in a list, with its place there.' })
class PostEdge extends edgeOf(Post) {}

@ObjectType({ simpleResolvers: true, description: 'One page of a list of posts.' })
export class PostConnection extends connectionOf(PostEdge, Post) {}

@InputType({ description: 'Which posts to list: those that meet every condition given. A null is no condition.' })
export class PostFilter {
  @Field(() => ID, { nullable: true, description: 'Only posts by this user; an id of nobody matches none.' })
  authorId?: string | null;

  @Field(() => postStatuses, {
    nullable: true,
    description: 'Only posts in this status. Drafts are your own, or everybody’s for an admin.',
  })
  status?: PostStatus | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Only posts with these whole words in title or body, whatever their case: `"quoted phrase"`, `or` and `-without` work as in web search. At most 200 characters; blank is no condition, and what has no word in it matches none.',
  })
  search?: string | null;
}

@InputType({ description: 'How to sort posts; equals by their ids.' })
export class PostOrder {
  @Field(() => postOrderFields, { description: 'What to sort by.' })
  field!: PostOrderField;

  @Field(() => orderDirections, { description: 'Which end comes first.' })
  direction!: OrderDirection;
}

@ArgsType()
export class PostsArguments extends PageArguments {
  @Field(() => PostFilter, { nullable: true, description: 'Without it: all posts you may see.' })
  filter?: PostFilter | null;

  @Field(() => PostOrder, { nullable: true, description: 'Without it: newest first.' })
  orderBy?: PostOrder | null;
}
