import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../common/clock.js';
import type { PosternError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { parseInput } from '../../common/validation.js';
import type { RequestLimiter } from '../auth/limits/request-limiter.js';
import type { Notifier } from '../auth/notices/notifier.js';
import type { OneTimeToken, OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { Outbox } from '../outbox/outbox.js';
import type { RequestOrigin } from '../security-events/event-origin.js';
import type { NewPasswords } from '../users/new-passwords.js';
import { findUsersByIds, type UserRow } from '../users/user.queries.js';
import { emailRule } from '../users/user.rules.js';
import { forgetDevices, lockAccount, replacePassword } from './password.queries.js';
import { type ResetPasswordInput, resetPasswordRules } from './password.types.js';

const hour = 3_600_000;

/** How often from one network, whatever address is asked for. */
const networkLimit = { name: 'password-reset-network', attempts: 20, window: hour };

/** How often one address gets a mail. */
const addressLimit = { name: 'password-reset-address', attempts: 3, window: hour };

/** Gives whoever reads an account's mail another password for it (OWASP Forgot Password Cheat Sheet). */
export class PasswordResetService {
  constructor(
    private readonly outbox: Outbox,
    private readonly limiter: RequestLimiter,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly newPasswords: NewPasswords,
    private readonly revoker: Revoker,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes down that a link is asked for. Whether anybody has the address is found out later, so that nothing here depends
   * on it, the time that it takes least of all. Throws BAD_USER_INPUT or RATE_LIMITED.
   */
  async request(em: EntityManager, input: string, { ipAddress, userAgent }: RequestOrigin): Promise<void> {
    const email = parseInput(emailRule, input, ['email']);
    await this.limiter.require(em, networkLimit, networkOf(ipAddress));
    if ((await this.limiter.admit(em, addressLimit, email.toLowerCase())) > 0) return;
    await this.outbox.post(em, {
      kind: 'PASSWORD_RESET_REQUEST',
      userId: null,
      payload: { email, ipAddress, userAgent },
    });
  }

  /** Ends every session, and every link. Throws BAD_USER_INPUT or TOKEN_NOT_VALID. */
  async reset(em: EntityManager, input: ResetPasswordInput, origin: RequestOrigin): Promise<void> {
    const { token, newPassword } = parseInput(resetPasswordRules, input);
    const user = await this.holderOf(em, token);
    const passwordHash = await this.newPasswords.accept(newPassword, user, ['input', 'newPassword']);
    const obey = await em.transactional((tx) => this.replace(tx, user.id, token, passwordHash, origin));
    if (obey === null) throw await this.refusal(em, token);
    obey();
  }

  /** Whose account it is, so that the new password is not like their name. */
  private async holderOf(em: EntityManager, token: string): Promise<UserRow> {
    const found = await this.oneTimeTokens.find(em, token, 'PASSWORD_RESET');
    const [user] = found?.userId ? await findUsersByIds(em, [found.userId]) : [];
    if (user) return user;
    throw await this.refusal(em, token);
  }

  private refusal(em: EntityManager, token: string): Promise<PosternError> {
    return this.oneTimeTokens.refusal(em, token, 'PASSWORD_RESET');
  }

  /** Null when the token was used, or ended, while the hash was being computed. */
  private async replace(
    tx: EntityManager,
    userId: string,
    token: string,
    passwordHash: string,
    origin: RequestOrigin,
  ): Promise<(() => unknown) | null> {
    await lockAccount(tx, userId);
    const used = await this.oneTimeTokens.consume(tx, token, 'PASSWORD_RESET');
    if (used === null) return null;
    const now = new Date(this.clock.now());
    const provenEmail = emailOf(used);
    const changed = await replacePassword(tx, { userId, passwordHash, condition: sql`true`, provenEmail, now });
    if (changed === null) return null;
    const { tokenVersion } = changed;
    const target = { userId, sessionId: null, tokenVersion };
    const { obey } = await this.revoker.revokeWithin(tx, 'PASSWORD_RESET', target, origin);
    await forgetDevices(tx, userId);
    await this.notifier.notify(tx, changed.user, 'passwordReset', origin, {});
    return obey;
  }
}

/** Where the link was mailed to. */
function emailOf({ data }: OneTimeToken): string | null {
  const { email } = data;
  return typeof email === 'string' ? email : null;
}
