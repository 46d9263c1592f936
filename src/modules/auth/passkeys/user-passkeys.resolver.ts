import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { User } from '../../users/user.entity.js';
import { Passkey } from './passkey.entity.js';
import { passkeyLoader } from './passkey.loader.js';
import type { PasskeyRow } from './passkey.queries.js';

/** `User.passkeys`, kept here so that users know nothing of passkeys. */
@Resolver(() => User)
export class UserPasskeysResolver {
  @FieldResolver(() => [Passkey], { description: 'The oldest first. For the user and admins only.' })
  passkeys(@Root('id') userId: string, @Ctx() context: RequestContext): Promise<PasskeyRow[]> {
    return context.once(passkeyLoader).load(userId);
  }
}
