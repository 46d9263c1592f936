import { Field, InputType } from 'type-graphql';

@InputType({ description: 'A new account.' })
export class RegisterInput {
  @Field(() => String, {
    description:
      '1 to 150 ASCII letters, digits and `@ . + - _`; unique without regard to case; with an `@` only the own address.',
  })
  username!: string;

  @Field(() => String, { description: 'Unique without regard to case.' })
  email!: string;

  @Field(() => String, {
    description: '8 to 256 characters; not a common password, not all digits, not the user name.',
  })
  password!: string;
}
