import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../../../common/context.js';
import { requireUser } from '../../../common/require-user.js';
import { originOf } from '../../security-events/event-origin.js';
import type { DeviceService } from './device.service.js';
import { RememberedDevice } from './device.types.js';

@Resolver()
export class DeviceResolver {
  constructor(private readonly service: DeviceService) {}

  @Query(() => [RememberedDevice], {
    description: 'The devices on which the caller need not give a second factor, newest first.',
  })
  rememberedDevices(@Ctx() context: RequestContext): Promise<RememberedDevice[]> {
    return this.service.list(context.em, requireUser(context.viewer));
  }

  @Mutation(() => RememberedDevice, {
    description:
      "Makes one of the caller's devices need a second factor again; its sessions go on. NOT_FOUND for any other id.",
  })
  forgetDevice(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<RememberedDevice> {
    return this.service.forget(context.em, requireUser(context.viewer), id, originOf(context));
  }
}
