import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { FactorMethod, SecondFactorMethod } from '../../../common/second-factor-method.js';

export const secondFactorMethods = {
  EMAIL: 'EMAIL',
  TOTP: 'TOTP',
  RECOVERY_CODE: 'RECOVERY_CODE',
} as const satisfies { readonly [Method in SecondFactorMethod]: Method };

registerEnumType(secondFactorMethods, {
  name: 'SecondFactorMethod',
  description: 'A proof of identity beside the password.',
  valuesConfig: {
    EMAIL: { description: 'A code of six digits that is mailed.' },
    TOTP: { description: 'A code of six digits that an authenticator shows (RFC 6238).' },
    RECOVERY_CODE: { description: 'One of the ten codes that came with the first factor; each is good once.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'A second factor that a user has set up.' })
export class SecondFactor {
  @Field(() => secondFactorMethods)
  method!: FactorMethod;

  @Field(() => Date)
  confirmedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When a code of it last signed the user in.' })
  lastUsedAt!: Date | null;
}

@ObjectType({ simpleResolvers: true, description: 'A second factor that waits for its first code.' })
export class SecondFactorEnrolment {
  @Field(() => String, { description: 'Good for `confirmSecondFactor`, with five tries.' })
  enrolmentToken!: string;

  @Field(() => secondFactorMethods)
  method!: FactorMethod;

  @Field(() => String, { nullable: true, description: 'For TOTP: what can be typed into an authenticator.' })
  totpSecret!: string | null;

  @Field(() => String, { nullable: true, description: 'For TOTP: the same as an address.' })
  otpauthUrl!: string | null;

  @Field(() => String, { nullable: true, description: 'For TOTP: that address as a QR code, an SVG document.' })
  qrCode!: string | null;

  @Field(() => Date)
  expiresAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'A second factor that is on from now.' })
export class SecondFactorConfirmation {
  @Field(() => SecondFactor)
  factor!: SecondFactor;

  @Field(() => [String], { description: 'Ten with the first factor, shown this once; else none.' })
  recoveryCodes!: string[];
}

@ObjectType({ simpleResolvers: true, description: 'The password was right and a second factor is due.' })
export class SecondFactorChallenge {
  @Field(() => String, { description: 'Good for `completeSecondFactor`, with five tries.' })
  challengeToken!: string;

  @Field(() => [secondFactorMethods], { description: 'One of them is enough. For EMAIL the code has been mailed.' })
  methods!: SecondFactorMethod[];

  @Field(() => Date)
  expiresAt!: Date;
}
