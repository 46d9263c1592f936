import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import type { RequestContext } from '../../common/context.js';
import { conflict, invalidCredentials, type PosternError, unauthenticated } from '../../common/errors.js';
import { requireUser } from '../../common/require-user.js';
import { parseInput, text } from '../../common/validation.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { ConfirmedUser, PasswordConfirmation } from '../auth/step-up/password-confirmation.js';
import { findPasswordHash } from '../auth/step-up/password-confirmation.queries.js';
import type { Mailer } from '../mail/mailer.js';
import { originOf, type RequestOrigin } from '../security-events/event-origin.js';
import { deleteOutboxOf, deleteUser } from './deletion.queries.js';

const passwordRule = text({ max: 256 });

/** The version that no access token of a user who is gone has reached: the database announces the same one. */
const lastTokenVersion = 2_147_483_647;

/** Ends accounts at their users' wish. */
export class DeletionService {
  constructor(
    private readonly passwords: PasswordConfirmation,
    private readonly revoker: Revoker,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes the caller's account with all that belongs to it; security events stay, which know it by a bare id. Throws
   * INVALID_CREDENTIALS, RATE_LIMITED, or CONFLICT for the last active admin.
   */
  async delete(context: RequestContext, input: string): Promise<void> {
    const viewer = requireUser(context.viewer);
    const { em } = context;
    const origin = originOf(context);
    const password = parseInput(passwordRule, input, ['password']);
    const confirmed = await this.passwords.confirm(em, viewer, password, origin);
    const obey = await em.transactional((tx) => this.deleteAll(tx, confirmed, origin));
    if (obey === null) throw await this.refusal(em, confirmed);
    obey();
    if (context.refreshCookie.value !== null) context.refreshCookie.clear();
  }

  private async deleteAll(
    tx: EntityManager,
    confirmed: ConfirmedUser,
    origin: RequestOrigin,
  ): Promise<(() => unknown) | null> {
    if (!(await deleteUser(tx, confirmed))) return null;
    const { id: userId, username, email } = confirmed.user;
    await deleteOutboxOf(tx, userId);
    const target = { userId, sessionId: null, tokenVersion: lastTokenVersion };
    const { obey } = await this.revoker.revokeWithin(tx, 'DELETED', target, origin);
    const { ipAddress, userAgent } = origin;
    const facts = { ipAddress, userAgent, at: new Date(this.clock.now()) };
    await this.mailer.post(tx, { template: 'accountDeleted', facts, to: email, userId: null, username });
    return obey;
  }

  private async refusal(em: EntityManager, { user, passwordHash }: ConfirmedUser): Promise<PosternError> {
    const current = await findPasswordHash(em, user.id);
    if (current === null) return unauthenticated('REVOKED');
    if (current !== passwordHash) return invalidCredentials();
    return conflict([{ path: ['account'], message: 'is the last active admin, and there must be one' }]);
  }
}
