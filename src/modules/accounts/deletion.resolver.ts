import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import type { DeletionService } from './deletion.service.js';

@Resolver()
export class DeletionResolver {
  constructor(private readonly service: DeletionService) {}

  @ChecksCredentials()
  @Mutation(() => Boolean, {
    description:
      'Deletes the caller’s account, with its sessions and posts; security events stay, without the name. INVALID_CREDENTIALS for a wrong password; CONFLICT if no active admin would be left.',
  })
  async deleteAccount(
    @Arg('password', () => String, { description: 'The caller’s password.' }) password: string,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    await this.service.delete(context, password);
    return true;
  }
}
