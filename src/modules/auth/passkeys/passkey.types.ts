import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';

/** JSON as WebAuthn has it: its bytes in base64url. */
export type WebAuthnJson = Readonly<Record<string, unknown>>;

@ObjectType({ simpleResolvers: true, description: 'What a browser is asked to sign with a passkey, once.' })
export class PasskeyChallenge {
  @Field(() => String, { description: 'To be sent along with what the browser makes of the options.' })
  token!: string;

  @Field(() => GraphQLJSONObject, {
    description:
      'For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` (WebAuthn level 3).',
  })
  options!: WebAuthnJson;

  @Field(() => Date)
  expiresAt!: Date;
}

@InputType({ description: 'A passkey that the browser has made.' })
export class FinishPasskeyRegistrationInput {
  @Field(() => String, { description: 'Of the challenge.' })
  token!: string;

  @Field(() => GraphQLJSONObject, { description: '`toJSON()` of the credential that the browser made.' })
  response!: WebAuthnJson;

  @Field(() => String, { description: '1 to 100 characters, by which the user knows it again.' })
  name!: string;
}

@InputType({ description: 'What a passkey has signed.' })
export class CompletePasskeySignInInput {
  @Field(() => String, { description: 'Of the challenge.' })
  token!: string;

  @Field(() => GraphQLJSONObject, { description: '`toJSON()` of the credential that the browser got.' })
  response!: WebAuthnJson;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Deliver the refresh token as an HttpOnly cookie instead of in the answer.',
  })
  cookie?: boolean | null;
}
