import { Field, InputType, ObjectType } from 'type-graphql';
import { User } from '../../users/user.entity.js';
import type { UserRow } from '../../users/user.queries.js';

@InputType({ description: 'What signs a user in.' })
export class ObtainSlidingTokenInput {
  @Field(() => String, { description: 'The user name or the e-mail address, without regard to case.' })
  username!: string;

  @Field(() => String)
  password!: string;
}

@ObjectType({ simpleResolvers: true, description: 'One token that is sent as a bearer and renews itself.' })
export class SlidingToken {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer …`.' })
  token!: string;

  @Field(() => String, { description: 'The keyword before the token in the header.' })
  tokenType!: string;

  @Field(() => Date, { description: 'Until when it is good as a bearer.' })
  expiresAt!: Date;

  @Field(() => Date, { description: 'Until when it can be exchanged for one that is; a refresh does not move it.' })
  refreshExpiresAt!: Date;

  @Field(() => User)
  user!: UserRow;
}
