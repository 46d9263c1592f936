import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, invalidCredentials, unauthenticated } from '../../../common/errors.js';
import { networkOf } from '../../../common/network.js';
import type { UserViewer } from '../../../common/viewer.js';
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
  ) {}

  /** Throws INVALID_CREDENTIALS for a wrong password, which counts as a failed sign-in does, or RATE_LIMITED. */
  async confirm(em: EntityManager, viewer: UserViewer, password: string, device: Device): Promise<ConfirmedUser> {
    const [user] = await findUsersByIds(em, [viewer.id]);
    const passwordHash = await findPasswordHash(em, viewer.id);
    assertThat(user && passwordHash !== null, () => unauthenticated('REVOKED'));
    const attempt = { account: user.username.toLowerCase(), userId: user.id, network: networkOf(device.ipAddress) };
    const counted = await this.limiter.count(em, attempt);
    const { valid } = await this.hasher.verify(passwordHash, password);
    assertThat(valid, invalidCredentials);
    await this.limiter.takeBack(em, counted);
    return { user, passwordHash };
  }
}
