import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import { text } from '../../../common/validation.js';
import { secondFactorMethods } from './second-factor.types.js';

@InputType({ description: 'The first code of a second factor.' })
export class ConfirmSecondFactorInput {
  @Field(() => String)
  enrolmentToken!: string;

  @Field(() => String, { description: 'Six digits; spaces and dashes do not matter.' })
  code!: string;
}

@InputType({ description: 'What a sign-in still lacks.' })
export class CompleteSecondFactorInput {
  @Field(() => String)
  challengeToken!: string;

  @Field(() => secondFactorMethods, { description: 'One of those that the challenge names.' })
  method!: SecondFactorMethod;

  @Field(() => String, { description: 'Neither spaces and dashes nor capitals matter.' })
  code!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Whether no second factor is due on this device for a while (REMEMBERED_DEVICE_LIFETIME).',
  })
  rememberDevice?: boolean | null;
}

@InputType({ description: 'A second factor that is to go.' })
export class DisableSecondFactorInput {
  @Field(() => secondFactorMethods)
  method!: SecondFactorMethod;

  @Field(() => String)
  password!: string;
}

/** As people type it: authenticators show `123 456`. */
const code = text({ max: 64 }).transform((typed) => typed.replaceAll(/[\s-]/g, ''));
const token = text({ max: 256 });
const method = z.enum(secondFactorMethods);
const factorMethod = z.enum(
  ['EMAIL', 'TOTP'],
  'must be EMAIL or TOTP: recovery codes come with the first factor and go with the last',
);

export const startRules = z.object({ method: factorMethod, password: text({ max: 256 }).nullable() });
export const confirmRules = z.object({ enrolmentToken: token, code });
export const completeRules = z.object({ challengeToken: token, method, code, rememberDevice: z.boolean().nullish() });
export const disableRules = z.object({ method: factorMethod, password: text({ max: 256 }) });
export const renewRules = z.object({ password: text({ max: 256 }) });
