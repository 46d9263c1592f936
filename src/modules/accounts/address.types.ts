import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { text } from '../../common/validation.js';
import { emailRule } from '../users/user.rules.js';

@InputType({ description: 'Another address for the caller’s account.' })
export class ChangeEmailInput {
  @Field(() => String, { description: 'Unique without regard to case.' })
  newEmail!: string;

  @Field(() => String, { description: 'The caller’s password.' })
  password!: string;
}

export const changeEmailRules = z.object({ newEmail: emailRule, password: text({ max: 256 }) });
