import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf, edgeOf } from '../../common/pagination/connection.types.js';
import { PageArguments } from '../../common/pagination/page-arguments.js';

export const tokenStatuses = {
  ACTIVE: 'ACTIVE',
  ROTATED: 'ROTATED',
  BLACKLISTED: 'BLACKLISTED',
  EXPIRED: 'EXPIRED',
} as const;

export type TokenStatus = keyof typeof tokenStatuses;

registerEnumType(tokenStatuses, {
  name: 'TokenStatus',
  description: 'What became of a refresh token. Where several are true: BLACKLISTED before EXPIRED before ROTATED.',
  valuesConfig: {
    ACTIVE: { description: 'It can be used.' },
    ROTATED: { description: 'It was exchanged for a successor.' },
    BLACKLISTED: { description: 'It was ended, or its session was.' },
    EXPIRED: { description: 'Its time is over.' },
  },
});

/** SimpleJWT's OutstandingToken together with its BlacklistedToken; the signed text is kept nowhere. */
@ObjectType({ simpleResolvers: true, description: 'A refresh token that was issued, without its text.' })
export class OutstandingToken {
  @Field(() => ID, { description: 'The token’s id, which is its claim of that name.' })
  jti!: string;

  /** `OutstandingToken.user` in the schema. */
  userId!: string;

  @Field(() => ID, { description: 'The sign-in that it goes back to.' })
  sessionId!: string;

  @Field(() => tokenStatuses, { description: 'What became of it, as of now.' })
  status!: TokenStatus;

  @Field(() => Date, { description: 'When it was issued.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When its time is over.' })
  expiresAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was exchanged for its successor.' })
  rotatedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it, or its session, was ended.' })
  blacklistedAt!: Date | null;
}

@ObjectType({ simpleResolvers: true, description: 'A refresh token in a list, with its place there.' })
class OutstandingTokenEdge extends edgeOf(OutstandingToken) {}

@ObjectType({ simpleResolvers: true, description: 'One page of a list of refresh tokens.' })
export class OutstandingTokenConnection extends connectionOf(OutstandingTokenEdge, OutstandingToken) {}

@InputType({ description: 'Which tokens to list: those that meet every condition given. A null is no condition.' })
export class OutstandingTokenFilter {
  @Field(() => ID, { nullable: true, description: 'Only tokens of this user; an id of nobody matches none.' })
  userId?: string | null;

  @Field(() => tokenStatuses, { nullable: true, description: 'Only tokens of which this became.' })
  status?: TokenStatus | null;
}

@ArgsType()
export class OutstandingTokensArguments extends PageArguments {
  @Field(() => OutstandingTokenFilter, { nullable: true, description: 'Without it: all tokens.' })
  filter?: OutstandingTokenFilter | null;
}
