import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { originOf } from '../security-events/event-origin.js';
import type { DisavowalService } from './disavowal.service.js';

@Resolver()
export class DisavowalResolver {
  constructor(private readonly service: DisavowalService) {}

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Says “this was not me” by the token of a notice: all sessions end, the address that the notice went to is the account’s again, second factors and passkeys that were added since are gone, the password works no more, and a link to another one is mailed. TOKEN_NOT_VALID with the reason.',
  })
  async disavow(
    @Arg('token', () => String, { description: 'What the link has after `#token=`.' }) token: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.service.disavow(context.em, token, originOf(context));
    return true;
  }
}
