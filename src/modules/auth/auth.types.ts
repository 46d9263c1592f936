import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { User } from '../users/user.entity.js';
import type { UserRow } from '../users/user.queries.js';
import { SecondFactorChallenge } from './second-factors/second-factor.types.js';

@InputType({ description: 'What signs a user in.' })
export class ObtainTokenInput {
  @Field(() => String, { description: 'The user name or the e-mail address, without regard to case.' })
  username!: string;

  @Field(() => String)
  password!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Deliver the refresh token as an HttpOnly cookie instead of in the answer.',
  })
  cookie?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'What `completeSecondFactor` has given to a remembered device: no second factor is due then.',
  })
  deviceToken?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'An access token and the refresh token that renews it.' })
export class TokenPair {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer …`.' })
  accessToken!: string;

  @Field(() => String, { nullable: true, description: 'Null when it was delivered as an HttpOnly cookie.' })
  refreshToken!: string | null;

  @Field(() => String, { description: 'The keyword before the access token in the header.' })
  tokenType!: string;

  @Field(() => Date)
  accessTokenExpiresAt!: Date;

  @Field(() => Date)
  refreshTokenExpiresAt!: Date;

  @Field(() => User)
  user!: UserRow;

  @Field(() => String, {
    nullable: true,
    description:
      'For `obtainToken` on a device that is to be remembered; null where none is, or it was delivered as an HttpOnly cookie.',
  })
  deviceToken?: string | null;
}

export const ObtainTokenResult = createUnionType({
  name: 'ObtainTokenResult',
  description: 'A pair of tokens, or the second factor that is still due.',
  types: () => [TokenPair, SecondFactorChallenge] as const,
  resolveType: (value) => ('challengeToken' in value ? SecondFactorChallenge : TokenPair),
});

const tokenTypes = { ACCESS: 'ACCESS', REFRESH: 'REFRESH', SLIDING: 'SLIDING' } as const;

registerEnumType(tokenTypes, { name: 'TokenType', description: 'What a token is good for.' });

@ObjectType({ simpleResolvers: true, description: 'What a valid token says.' })
export class TokenInfo {
  @Field(() => tokenTypes)
  tokenType!: keyof typeof tokenTypes;

  @Field(() => ID)
  jti!: string;

  @Field(() => ID)
  userId!: string;

  @Field(() => ID)
  sessionId!: string;

  @Field(() => Date)
  issuedAt!: Date;

  @Field(() => Date)
  expiresAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'What a log-out did.' })
export class LogoutPayload {
  @Field(() => Int, { description: 'How many live sessions ended.' })
  sessionsEnded!: number;
}
