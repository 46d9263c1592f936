import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { User } from '../../users/user.entity.js';

/** A public key whose private half a device or a password manager of the user keeps. */
@ObjectType({ simpleResolvers: true, description: 'What signs its user in without a password (WebAuthn).' })
@Entity({ tableName: 'passkeys' })
export class Passkey {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  userId!: string;

  /** What the authenticator calls it. */
  @Property({ type: 'blob' })
  credentialId!: Buffer;

  /** A COSE_Key (RFC 9052, section 7). */
  @Property({ type: 'blob' })
  publicKey!: Buffer;

  /** How often the authenticator has signed; 0 for ever where it does not count. */
  @Property({ type: 'bigint' })
  counter!: number;

  /** How browsers reach the authenticator. */
  @Property({ type: 'array', columnType: 'text[]' })
  transports!: string[];

  @Field(() => Boolean, {
    description:
      'Whether it is kept in more than one place, as password managers do: then a lost device loses nothing.',
  })
  @Property({ type: 'boolean' })
  backedUp!: boolean;

  @Field(() => String, { description: 'What the user calls it.' })
  @Property({ type: 'string', columnType: 'text' })
  name!: string;

  @Field(() => Date)
  @Property({ type: 'datetime', length: 3 })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it last signed in; null if it never did.' })
  @Property({ type: 'datetime', length: 3, nullable: true })
  lastUsedAt!: Date | null;
}
