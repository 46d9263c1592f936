import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { User } from '../../users/user.entity.js';

/** One sign-in on one device: a chain of refresh tokens, each the successor of the one before. */
@ObjectType({ simpleResolvers: true, description: 'One sign-in on one device.' })
@Entity({ tableName: 'sessions' })
export class Session {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  userId!: string;

  @Field(() => Date)
  @Property({ type: 'datetime', length: 3 })
  createdAt!: Date;

  @Field(() => Date, { description: 'The last sign-in or refresh.' })
  @Property({ type: 'datetime', length: 3 })
  lastUsedAt!: Date;

  @Field(() => Date, { description: 'When the newest refresh token of the session expires.' })
  @Property({ type: 'datetime', length: 3 })
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: 'Where the session was last used from.' })
  @Property({ type: 'string', columnType: 'text', nullable: true })
  ipAddress!: string | null;

  @Field(() => String, { nullable: true, description: 'What the session was last used with.' })
  @Property({ type: 'string', columnType: 'text', nullable: true })
  userAgent!: string | null;

  /** No column: it depends on who asks. */
  @Field(() => Boolean, { description: 'Whether the request itself belongs to this session.' })
  current!: boolean;

  @Property({ type: 'datetime', length: 3, nullable: true })
  endedAt!: Date | null;

  @Property({ type: 'string', columnType: 'text', nullable: true })
  endReason!: string | null;
}
