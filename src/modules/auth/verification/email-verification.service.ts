import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { Links } from '../../mail/links.js';
import type { Mailer } from '../../mail/mailer.js';
import type { Entailed } from '../../users/user.queries.js';
import type { RequestLimiter } from '../limits/request-limiter.js';
import type { Notified } from '../notices/notifier.js';
import type { OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';
import { hasLinkSince, replaceLink } from './email-verification.queries.js';

const day = 86_400_000;
const linkLifetime = 3 * day;

/** How often a link may be asked for by one user. */
const coolDown = { name: 'email-verification', attempts: 1, window: 60_000 };

/** Sends the links by which users prove that an address is theirs. */
export class EmailVerification {
  constructor(
    private readonly mailer: Mailer,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly links: Links,
    private readonly limiter: RequestLimiter,
    private readonly clock: Clock,
  ) {}

  /** A link and the mail that brings it, as statements to be part of the one that makes the account. */
  prepare(user: Notified): { readonly token: Entailed; readonly mail: Entailed } {
    const { id: userId, username, email } = user;
    const lifetime = linkLifetime;
    const prepared = this.oneTimeTokens.prepare({ userId, purpose: 'EMAIL_VERIFICATION', lifetime, data: { email } });
    const facts = { link: this.links.to('verifyEmail', prepared.token) };
    return {
      token: (condition) => prepared.insert(condition),
      mail: (condition) =>
        this.mailer.insert({ template: 'verifyEmail', facts, to: email, userId, username }, condition),
    };
  }

  /** Mails a new link, which ends those before, unless the address is verified. Throws RATE_LIMITED within a minute of the last time. */
  async request(em: EntityManager, user: Notified): Promise<void> {
    await this.limiter.require(em, coolDown, user.id);
    await replaceLink(em, user, this.prepare(user));
  }

  /** The same unasked, for a sign-in that is refused: silent while a link is less than a minute old, that of the registration too. */
  async remind(em: EntityManager, user: Notified): Promise<void> {
    if (await hasLinkSince(em, user.id, new Date(this.clock.now() - coolDown.window))) return;
    if ((await this.limiter.admit(em, coolDown, user.id)) > 0) return;
    await replaceLink(em, user, this.prepare(user));
  }
}
