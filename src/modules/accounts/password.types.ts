import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { text } from '../../common/validation.js';
import { newPasswordRule } from '../users/user.rules.js';

@InputType({ description: 'Another password for the caller’s account.' })
export class ChangePasswordInput {
  @Field(() => String)
  currentPassword!: string;

  @Field(() => String, { description: 'By the rules of `register`; not like the user name or the address.' })
  newPassword!: string;
}

@InputType({ description: 'A password instead of one that was forgotten.' })
export class ResetPasswordInput {
  @Field(() => String, { description: 'What the link in the mail has after `#token=`.' })
  token!: string;

  @Field(() => String, { description: 'By the rules of `register`; not like the user name or the address.' })
  newPassword!: string;
}

export const changePasswordRules = z.object({ currentPassword: text({ max: 256 }), newPassword: newPasswordRule });
export const resetPasswordRules = z.object({ token: z.string(), newPassword: newPasswordRule });
