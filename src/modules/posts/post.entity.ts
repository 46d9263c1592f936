import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { User } from '../users/user.entity.js';

export type PostStatus = 'DRAFT' | 'PUBLISHED';

export const postStatuses = { DRAFT: 'DRAFT', PUBLISHED: 'PUBLISHED' } as const satisfies Record<
  PostStatus,
  PostStatus
>;

registerEnumType(postStatuses, {
  name: 'PostStatus',
  description: 'Who may read a post.',
  valuesConfig: {
    DRAFT: { description: 'Exists only for its author and admins.' },
    PUBLISHED: { description: 'Anyone may read it.' },
  },
});

const searchVector = "(to_tsvector('simple', fold_case(title || ' ' || body))) stored";

/** A text by a user. */
@ObjectType({ simpleResolvers: true, description: 'A text that a user wrote.' })
@Entity({ tableName: 'posts' })
export class Post {
  @Field(() => ID, { description: 'A UUID that begins with its time, to the millisecond (version 7).' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** `Post.author` in the schema. */
  @ManyToOne(() => User, { mapToPk: true, fieldName: 'author_id', deleteRule: 'cascade' })
  authorId!: string;

  @Field(() => String, { description: '1 to 200 characters, without white space around them.' })
  @Property({ type: 'string', columnType: 'text' })
  title!: string;

  @Field(() => String, { description: '1 to 100,000 characters, exactly as they were sent.' })
  @Property({ type: 'string', columnType: 'text' })
  body!: string;

  @Field(() => postStatuses, { description: 'Who may read it.' })
  @Property({ type: 'string', columnType: 'text' })
  status!: PostStatus;

  @Field(() => Date, { description: 'When it was created, be it as a draft.' })
  @Property({ type: 'datetime', length: 3 })
  createdAt!: Date;

  @Field(() => Date, { description: 'When it was last edited; at first the time it was created.' })
  @Property({ type: 'datetime', length: 3 })
  updatedAt!: Date;

  /** The words of title and body, kept up to date by the database for queries to match; lazy, as nobody reads it. */
  @Property({ type: 'string', columnType: 'tsvector', generated: searchVector, lazy: true, hidden: true })
  readonly search?: string;
}
