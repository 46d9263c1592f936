import { GraphQLJSONObject } from 'graphql-scalars';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../common/context.js';
import { ChecksCredentials } from '../../common/credential-check.js';
import { requireUser } from '../../common/require-user.js';
import { originOf } from '../security-events/event-origin.js';
import type { ExportService } from './export.service.js';

@Resolver()
export class ExportResolver {
  constructor(private readonly service: ExportService) {}

  @ChecksCredentials()
  @Query(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'All that is stored about the caller, table by table, without secrets. Needs a sign-in of the last ten minutes, or the password: FORBIDDEN, reason SIGN_IN_TOO_OLD. Send it by POST: a URL is no place for a password, so a GET with one is refused. RATE_LIMITED after ten in an hour.',
  })
  exportMyData(
    @Arg('password', () => String, { nullable: true, description: 'Where the sign-in is older than ten minutes.' })
    password: string | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<Record<string, unknown>> {
    return this.service.export(context.em, requireUser(context.viewer), password ?? null, originOf(context));
  }
}
