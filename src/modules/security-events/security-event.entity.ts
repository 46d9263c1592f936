import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';

/** Something that happened to an account or a key. Users are named by bare ids, for events outlive them. */
@ObjectType({ simpleResolvers: true, description: 'Something that happened to an account or a key; never changed.' })
@Entity({ tableName: 'security_events', readonly: true })
export class SecurityEvent {
  @Field(() => ID, { description: 'A UUID that begins with its time, to the millisecond (version 7).' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => String, { description: 'A word that keeps its meaning, such as `signed_in`; docs/security-events.md.' })
  @Property({ type: 'string', columnType: 'text' })
  type!: string;

  /** `SecurityEvent.user` in the schema. */
  @Property({ type: 'uuid', nullable: true })
  userId!: string | null;

  /** `SecurityEvent.actor` in the schema. */
  @Property({ type: 'uuid', nullable: true })
  actorId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The session that it happened to, which may have ended since.' })
  @Property({ type: 'uuid', nullable: true })
  sessionId!: string | null;

  @Field(() => String, { nullable: true, description: 'Where it came from; of what an admin did, for admins only.' })
  @Property({ type: 'string', columnType: 'text', nullable: true })
  ipAddress!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What it came from, as it says itself; visible like `ipAddress`.',
  })
  @Property({ type: 'string', columnType: 'text', nullable: true })
  userAgent!: string | null;

  @Field(() => String, { nullable: true, description: 'What the type does not say: the new role, the token’s jti.' })
  @Property({ type: 'string', columnType: 'text', nullable: true })
  detail!: string | null;

  @Field(() => Date, { description: 'When it happened.' })
  @Property({ type: 'datetime', length: 3 })
  createdAt!: Date;
}
