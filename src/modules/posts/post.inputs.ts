import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { text } from '../../common/validation.js';
import { type PostStatus, postStatuses } from './post.entity.js';

@InputType({ description: 'A new post; its author is the caller.' })
export class CreatePostInput {
  @Field(() => String, { description: '1 to 200 characters, after white space around them is removed.' })
  title!: string;

  @Field(() => String, { description: '1 to 100,000 characters, kept as they are.' })
  body!: string;

  @Field(() => postStatuses, { nullable: true, defaultValue: postStatuses.PUBLISHED, description: 'Who may read it.' })
  status?: PostStatus | null;
}

@InputType({ description: 'What to change of a post: a field that is left out stays as it is, a null is refused.' })
export class UpdatePostInput {
  @Field(() => String, {
    nullable: true,
    description: '1 to 200 characters, after white space around them is removed.',
  })
  title?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 100,000 characters, kept as they are.' })
  body?: string | null;

  @Field(() => postStatuses, { nullable: true, description: 'Publishes a draft, or takes a post back.' })
  status?: PostStatus | null;
}

const title = z
  .string()
  .trim()
  .pipe(text({ min: 1, max: 200 }));
const body = text({ min: 1, max: 100_000 });

export const createPostRules = z.object({
  title,
  body,
  status: z
    .enum(postStatuses)
    .nullish()
    .transform((value) => value ?? postStatuses.PUBLISHED),
});

/** GraphQL cannot tell an optional field from a nullable one; a null is more likely a mistake than a wish. */
const notNull = 'must not be null: leave it out to keep it as it is';

export const updatePostRules = z.object({
  title: z.string(notNull).pipe(title).optional(),
  body: z.string(notNull).pipe(body).optional(),
  status: z.enum(postStatuses, notNull).optional(),
});

export type PostChanges = z.infer<typeof updatePostRules>;
