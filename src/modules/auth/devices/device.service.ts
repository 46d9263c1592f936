import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, notFound } from '../../../common/errors.js';
import { isId, newId } from '../../../common/ids.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { SecondFactorSettings } from '../../../config.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { EventOrigin } from '../../security-events/security-event.types.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import { deleteDevice, findDevices, insertDevice } from './device.queries.js';
import type { RememberedDevice } from './device.types.js';
import type { DeviceTokens } from './device-tokens.js';

/** What a device is to keep. */
export interface DeviceToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Devices on which a user has given a second factor once, and need not again for a while. */
export class DeviceService {
  constructor(
    private readonly tokens: DeviceTokens,
    private readonly events: SecurityEventRecorder,
    private readonly settings: Pick<SecondFactorSettings, 'rememberedDeviceLifetime'>,
    private readonly clock: Clock,
  ) {}

  /** In the transaction of the sign-in that has given the factor; null where no device is remembered. */
  async remember(tx: EntityManager, userId: string, device: Device): Promise<DeviceToken | null> {
    const { rememberedDeviceLifetime } = this.settings;
    if (rememberedDeviceLifetime === 0) return null;
    const token = this.tokens.make();
    const createdAt = new Date(this.clock.now());
    const expiresAt = new Date(createdAt.getTime() + rememberedDeviceLifetime);
    const hash = this.tokens.hash(token);
    await insertDevice(tx, { id: newId(this.clock), userId, hash, createdAt, expiresAt, device });
    const event = { ...device, type: 'device_remembered', userId, actorId: userId, sessionId: null } as const;
    await this.events.record(tx, event);
    return { token, expiresAt };
  }

  list(em: EntityManager, { id }: UserViewer): Promise<RememberedDevice[]> {
    return findDevices(em, id, new Date(this.clock.now()));
  }

  /** Somebody else's, one whose time is over, and none at all are NOT_FOUND. */
  async forget(em: EntityManager, viewer: UserViewer, id: string, origin: EventOrigin): Promise<RememberedDevice> {
    assertThat(isId(id), noDevice);
    const { id: userId, sessionId } = viewer;
    const event = { ...origin, type: 'device_forgotten', userId, sessionId } as const;
    const which = { id, userId, now: new Date(this.clock.now()) };
    const device = await deleteDevice(em, which, (condition) => this.events.insert(event, condition));
    assertThat(device, noDevice);
    return device;
  }
}

const noDevice = () => notFound('device');
