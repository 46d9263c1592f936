import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, invalidCredentials, unauthenticated } from '../../../common/errors.js';
import { networkOf } from '../../../common/network.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { PasswordHasher } from '../../users/password-hasher.js';
import { findUsersByIds, type UserRow } from '../../users/user.queries.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { AttemptLimiter } from '../sign-in/attempt-limiter.js';
import { findPasswordHash } from './password-confirmation.queries.js';

/** A user who has just given their password again. */
export interface ConfirmedUser {
  readonly user: UserRow;
  /** What it was checked against: a change is guarded by it, so that of two at once one fails. */
  readonly passwordHash: string;
}

/** Asks a signed-in user for their password again before what is hard to take back (OWASP ASVS 5, 7.5.1). */
export class PasswordConfirmation {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly limiter: AttemptLimiter,
    private readonly events: SecurityEventRecorder,
  ) {}

  /** Throws INVALID_CREDENTIALS for a wrong password, which is recorded and counts as a failed sign-in does, or RATE_LIMITED. */
  async confirm(em: EntityManager, viewer: UserViewer, password: string, device: Device): Promise<ConfirmedUser> {
    const [user] = await findUsersByIds(em, [viewer.id]);
    const passwordHash = await findPasswordHash(em, viewer.id);
    assertThat(user && passwordHash !== null, () => unauthenticated('REVOKED'));
    const attempt = { account: user.username.toLowerCase(), userId: user.id, network: networkOf(device.ipAddress) };
    const counted = await this.limiter.count(em, attempt);
    const { valid } = await this.hasher.verify(passwordHash, password);
    if (!valid) {
      await this.recordFailure(em, viewer, device);
      throw invalidCredentials();
    }
    await this.limiter.takeBack(em, counted);
    return { user, passwordHash };
  }

  /** Whoever has stolen a session guesses here, where no sign-in fails. */
  private recordFailure(em: EntityManager, { id: userId, sessionId }: UserViewer, device: Device): Promise<void> {
    const { ipAddress, userAgent } = device;
    const event = { ipAddress, userAgent, type: 'confirmation_failed', userId, actorId: userId, sessionId } as const;
    return this.events.record(em, event);
  }
}
