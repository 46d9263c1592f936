import type { EntityManager } from '@mikro-orm/sql';
import type { OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { Links } from '../mail/links.js';
import type { Mailer } from '../mail/mailer.js';
import type { OutboxPayloads } from '../outbox/outbox.types.js';
import type { Finish } from '../outbox/outbox.worker.js';
import type { SecurityEventRecorder } from '../security-events/security-event.recorder.js';
import type { UserRow } from '../users/user.queries.js';
import { findActiveByEmail } from './password.queries.js';

const linkLifetime = 3_600_000;

/** Writes the mails that bring the link to another password. */
export class PasswordResetMail {
  constructor(
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly links: Links,
    private readonly mailer: Mailer,
    private readonly events: SecurityEventRecorder,
    private readonly fork: () => EntityManager,
  ) {}

  /** What the outbox does about a request: a mail, if anybody has the address and may sign in. */
  async answer(request: OutboxPayloads['PASSWORD_RESET_REQUEST'], finish: Finish): Promise<void> {
    const { email, ipAddress, userAgent } = request;
    await this.fork().transactional(async (tx) => {
      if (!(await finish(tx))) return;
      const user = await findActiveByEmail(tx, email);
      if (user === null) return;
      await this.post(tx, user);
      const event = { actorId: null, ipAddress, userAgent, userId: user.id, sessionId: null };
      await this.events.record(tx, { type: 'password_reset_requested', ...event });
    });
  }

  /** Older links stay good until one of them is used. */
  async post(tx: EntityManager, { id: userId, username, email }: UserRow): Promise<void> {
    const lifetime = linkLifetime;
    const token = await this.oneTimeTokens.issue(tx, { userId, purpose: 'PASSWORD_RESET', lifetime, data: { email } });
    const facts = { link: this.links.to('resetPassword', token) };
    await this.mailer.post(tx, { template: 'resetPassword', facts, to: email, userId, username });
  }
}
