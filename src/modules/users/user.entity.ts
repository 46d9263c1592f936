import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { Role } from '../../common/viewer.js';

export const roles = { USER: 'USER', ADMIN: 'ADMIN' } as const satisfies Record<Role, Role>;

registerEnumType(roles, {
  name: 'Role',
  description: 'What a user may do.',
  valuesConfig: {
    USER: { description: 'Writes posts and manages their own.' },
    ADMIN: { description: 'Manages everything.' },
  },
});

/** An account. A column without `@Field` is private to the server. */
@ObjectType({ simpleResolvers: true, description: 'Somebody who can sign in and write posts.' })
@Entity({ tableName: 'users' })
export class User {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => String, { description: 'Unique without regard to case.' })
  @Property({ type: 'string', length: 150 })
  username!: string;

  @Field(() => String, { nullable: true, description: 'For the user and admins only: FORBIDDEN for anybody else.' })
  @Property({ type: 'string', length: 254 })
  email!: string;

  /** `User.emailVerified` in the schema. */
  @Property({ type: 'datetime', length: 3, nullable: true })
  emailVerifiedAt!: Date | null;

  @Property({ type: 'string', columnType: 'text', hidden: true, lazy: true })
  passwordHash!: string;

  /** When the user last chose another password; a rehash with new parameters is none. */
  @Property({ type: 'datetime', length: 3, nullable: true })
  passwordChangedAt!: Date | null;

  @Field(() => roles)
  @Property({ type: 'string', columnType: 'text' })
  role!: Role;

  @Field(() => Boolean, {
    name: 'active',
    simple: false,
    description: 'Whether the user may sign in; visible like `email`.',
  })
  @Property({ type: 'boolean' })
  isActive!: boolean;

  /** Raised by the database whenever older access tokens must die; see docs/decisions/0004-revocation.md. */
  @Property({ type: 'integer', default: 0 })
  tokenVersion!: number;

  @Field(() => Date)
  @Property({ type: 'datetime', length: 3 })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the user last signed in; visible like `email`.' })
  @Property({ type: 'datetime', length: 3, nullable: true })
  lastLoginAt!: Date | null;
}
