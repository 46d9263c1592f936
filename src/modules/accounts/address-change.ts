import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import { conflict } from '../../common/errors.js';
import { isUniqueViolation } from '../../database/unique-violation.js';
import type { Notifier } from '../auth/notices/notifier.js';
import type { OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { Links } from '../mail/links.js';
import type { Mailer } from '../mail/mailer.js';
import type { RequestOrigin } from '../security-events/event-origin.js';
import type { UserRow } from '../users/user.queries.js';
import { type ChangedAddress, replaceAddress } from './address.queries.js';

const day = 86_400_000;
const linkLifetime = day;

/** The two halves of a change of address: the link that is mailed, and what comes of its use. */
export class AddressChange {
  constructor(
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly links: Links,
    private readonly mailer: Mailer,
    private readonly notifier: Notifier,
    private readonly revoker: Revoker,
    private readonly clock: Clock,
  ) {}

  /** In a transaction that has locked the user: writes both mails; a change that was begun before comes to nothing. */
  async begin(tx: EntityManager, user: UserRow, newEmail: string, origin: RequestOrigin): Promise<void> {
    const { id: userId, username } = user;
    await this.oneTimeTokens.end(tx, userId, 'EMAIL_CHANGE');
    const token = await this.oneTimeTokens.issue(tx, {
      userId,
      purpose: 'EMAIL_CHANGE',
      lifetime: linkLifetime,
      data: { newEmail },
    });
    const facts = { link: this.links.to('verifyEmail', token) };
    await this.mailer.post(tx, { template: 'verifyNewEmail', facts, to: newEmail, userId, username });
    await this.notifier.notify(tx, user, 'emailChangeRequested', origin, { newEmail });
  }

  /** Throws TOKEN_NOT_VALID; or CONFLICT if somebody else has the address by now, and then the link stays good. */
  async complete(em: EntityManager, token: string, origin: RequestOrigin): Promise<UserRow> {
    const changed = await this.attempt(em, token, origin).catch((error: unknown) => {
      if (isUniqueViolation(error)) return null;
      throw error;
    });
    if (changed) {
      changed.obey();
      return changed.user;
    }
    const isGood = await this.oneTimeTokens.find(em, token, 'EMAIL_CHANGE');
    if (isGood) throw conflict([{ path: ['token'], message: 'is for an address that somebody else has by now' }]);
    throw await this.oneTimeTokens.refusal(em, token, 'EMAIL_VERIFICATION', 'EMAIL_CHANGE');
  }

  private attempt(
    em: EntityManager,
    token: string,
    origin: RequestOrigin,
  ): Promise<(ChangedAddress & { obey(): unknown }) | null> {
    return em.transactional(async (tx) => {
      const good = this.oneTimeTokens.good(token, 'EMAIL_CHANGE');
      const changed = await replaceAddress(tx, good, new Date(this.clock.now()));
      if (changed === null) return null;
      const { before, user, tokenVersion } = changed;
      const target = { userId: user.id, sessionId: null, tokenVersion };
      const { obey } = await this.revoker.revokeWithin(tx, 'EMAIL_CHANGED', target, origin);
      const undo = { restoreEmail: before.email };
      await this.notifier.notify(tx, before, 'emailChanged', origin, { newEmail: user.email }, undo);
      return { ...changed, obey };
    });
  }
}
