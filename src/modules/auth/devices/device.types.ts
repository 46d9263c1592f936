import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ simpleResolvers: true, description: 'A device on which the user need not give a second factor.' })
export class RememberedDevice {
  @Field(() => ID)
  id!: string;

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date, { description: 'When it last stood in for a second factor, or was remembered.' })
  lastUsedAt!: Date;

  @Field(() => Date, { description: 'Until when it does; its use does not move it.' })
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: 'Where it was last used from.' })
  ipAddress!: string | null;

  @Field(() => String, { nullable: true, description: 'What it was last used with.' })
  userAgent!: string | null;
}
