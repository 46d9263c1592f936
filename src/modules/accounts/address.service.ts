import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { assertThat, badUserInput, conflict, invalidCredentials } from '../../common/errors.js';
import { parseInput } from '../../common/validation.js';
import type { UserViewer } from '../../common/viewer.js';
import type { RequestLimiter } from '../auth/limits/request-limiter.js';
import type { OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { PasswordConfirmation } from '../auth/step-up/password-confirmation.js';
import type { EmailVerification } from '../auth/verification/email-verification.service.js';
import type { RequestOrigin } from '../security-events/event-origin.js';
import type { UserRow } from '../users/user.queries.js';
import { usernameRule } from '../users/user.rules.js';
import type { UserService } from '../users/user.service.js';
import { lockConfirmed } from './account.queries.js';
import { isFree, verifyAddress } from './address.queries.js';
import { type ChangeEmailInput, changeEmailRules } from './address.types.js';
import type { AddressChange } from './address-change.js';

/** Each change of an address sends a mail to where its user wants: so often. */
const changeLimit = { name: 'email-change', attempts: 5, window: 3_600_000 };

/** The address of an account: verified by a link that is mailed to it, and changed by one that is mailed to the new one. */
export class AddressService {
  constructor(
    private readonly users: UserService,
    private readonly passwords: PasswordConfirmation,
    private readonly verification: EmailVerification,
    private readonly changes: AddressChange,
    private readonly limiter: RequestLimiter,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly clock: Clock,
  ) {}

  /** Mails the link again, unless the address is verified. Throws RATE_LIMITED within a minute of the last time. */
  async requestVerification(em: EntityManager, viewer: UserViewer): Promise<void> {
    const user = await this.users.caller(em, viewer);
    if (user.emailVerifiedAt === null) await this.verification.request(em, user);
  }

  /**
   * Mails a link to the new address, which the account has once the link is used, and a notice to the old one. Throws
   * BAD_USER_INPUT, INVALID_CREDENTIALS, CONFLICT or RATE_LIMITED.
   */
  async change(em: EntityManager, viewer: UserViewer, input: ChangeEmailInput, origin: RequestOrigin): Promise<void> {
    const { newEmail, password } = parseInput(changeEmailRules, input);
    const confirmed = await this.passwords.confirm(em, viewer, password, origin);
    requireSuitable(confirmed.user, newEmail);
    const free = await isFree(em, newEmail, viewer.id, new Date(this.clock.now()));
    assertThat(free, () => conflict([{ path: ['input', 'newEmail'], message: 'is taken' }]));
    await this.limiter.require(em, changeLimit, viewer.id);
    await em.transactional(async (tx) => {
      assertThat(await lockConfirmed(tx, confirmed), invalidCredentials);
      await this.changes.begin(tx, confirmed.user, newEmail, origin);
    });
  }

  /**
   * The user whose address the link verifies, be the caller who they may; a link to a new address makes it the account's
   * own. Throws TOKEN_NOT_VALID, or CONFLICT if somebody else has the address by now.
   */
  async verify(em: EntityManager, token: string, origin: RequestOrigin): Promise<UserRow> {
    const good = this.oneTimeTokens.good(token, 'EMAIL_VERIFICATION');
    const verified = await verifyAddress(em, good, new Date(this.clock.now()));
    return verified ?? this.changes.complete(em, token, origin);
  }
}

/** A user name that is an address follows it, and so must be able to. */
function requireSuitable({ username, email }: UserRow, newEmail: string): void {
  const path = ['input', 'newEmail'];
  const isSame = newEmail.toLowerCase() === email.toLowerCase();
  assertThat(!isSame, () => badUserInput([{ path, message: 'is the address of the account already' }]));
  const follows = username.toLowerCase() === email.toLowerCase();
  const message = 'is to become the user name, too, as the old address is: so it must keep the rules of user names';
  assertThat(!follows || usernameRule.safeParse(newEmail).success, () => badUserInput([{ path, message }]));
}
