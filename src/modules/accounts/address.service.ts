import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import type { UserViewer } from '../../common/viewer.js';
import type { OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { EmailVerification } from '../auth/verification/email-verification.service.js';
import type { UserRow } from '../users/user.queries.js';
import type { UserService } from '../users/user.service.js';
import { verifyAddress } from './address.queries.js';

/** The address of an account: verified by a link that is mailed to it. */
export class AddressService {
  constructor(
    private readonly users: UserService,
    private readonly verification: EmailVerification,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly clock: Clock,
  ) {}

  /** Mails the link again, unless the address is verified. Throws RATE_LIMITED within a minute of the last time. */
  async requestVerification(em: EntityManager, viewer: UserViewer): Promise<void> {
    const user = await this.users.caller(em, viewer);
    if (user.emailVerifiedAt === null) await this.verification.request(em, user);
  }

  /** The user whose address the link verifies, be the caller who they may. Throws TOKEN_NOT_VALID. */
  async verify(em: EntityManager, token: string): Promise<UserRow> {
    const good = this.oneTimeTokens.good(token, 'EMAIL_VERIFICATION');
    const user = await verifyAddress(em, good, new Date(this.clock.now()));
    if (user) return user;
    throw await this.oneTimeTokens.refusal(em, token, 'EMAIL_VERIFICATION');
  }
}
