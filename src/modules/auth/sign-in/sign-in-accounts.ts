import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { DeviceTokens } from '../devices/device-tokens.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import { type DeviceTraces, findAccountById, findAccountByName, type SignInAccount } from './account.queries.js';
import type { Sightings } from './sightings.js';

/** Finds the account that somebody wants to sign in to, with all that there is to know beforehand, in one statement. */
export class SignInAccounts {
  constructor(
    private readonly sightings: Sightings,
    private readonly deviceTokens: DeviceTokens,
    private readonly clock: Clock,
  ) {}

  /** By user name or e-mail address, without regard to case; `deviceToken` is what a remembered device shows. */
  byName(em: EntityManager, name: string, device: Device, deviceToken: string | null): Promise<SignInAccount | null> {
    return findAccountByName(em, name, this.tracesOf(device, deviceToken));
  }

  byId(em: EntityManager, userId: string, device: Device): Promise<SignInAccount | null> {
    return findAccountById(em, userId, this.tracesOf(device, null));
  }

  private tracesOf(device: Device, deviceToken: string | null): DeviceTraces {
    const hashes = this.deviceTokens.hashes(deviceToken);
    return { ...this.sightings.of(device), hashes, now: new Date(this.clock.now()) };
  }
}
