import { z } from 'zod';
import { text } from '../../../common/validation.js';
import { readClientData } from './client-data.js';

/** Characters of base64url; far more than any authenticator makes. */
const longestId = 1_400;
const longest = 16_384;

const base64url = (max: number) => {
  const message = 'must be base64url';
  return z
    .string(message)
    .max(max, 'is too long')
    .regex(/^[\w-]+$/, message);
};

const clientDataJSON = base64url(longest).refine((value) => readClientData(value) !== null, 'must be client data');

/** A credential as `toJSON()` makes it (WebAuthn level 3, section 5.1); what else is in it is left out. */
const credential = <Response extends z.ZodRawShape>(response: Response) =>
  z
    .object({
      id: base64url(longestId),
      rawId: base64url(longestId),
      type: z.literal('public-key', 'must be public-key'),
      response: z.object({ clientDataJSON, ...response }, 'must be an object'),
    })
    .refine(({ id, rawId }) => id === rawId, { path: ['rawId'], message: 'must be the id' });

const transport = z.string('must be text').regex(/^[\w-]{1,32}$/, 'must be a word');

/** Its length first: else whatever a request has room for would each be told of. */
const transports = z.array(z.unknown(), 'must be a list').max(16, 'must be 16 at most').pipe(z.array(transport));

/** By which the user knows it again; it stands in mails. */
const name = text({ min: 1, max: 100 })
  .refine((value) => !/\p{Cc}/u.test(value), 'must be one line')
  .refine((value) => value === '' || value.trim() !== '', 'must not be blank');

export const registrationRules = z.object({
  token: z.string(),
  response: credential({ attestationObject: base64url(longest), transports: transports.nullish() }),
  name,
});

export const signInRules = z.object({
  token: z.string(),
  response: credential({
    authenticatorData: base64url(longest),
    signature: base64url(longest),
    userHandle: base64url(longestId),
  }),
});

export type RegistrationResponse = z.infer<typeof registrationRules>['response'];
export type SignInResponse = z.infer<typeof signInRules>['response'];
