import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../common/clock.js';
import type { OneTimeToken, OneTimeTokens } from '../auth/one-time-tokens/one-time-token.service.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { RequestOrigin } from '../security-events/event-origin.js';
import type { SecurityEventRecorder } from '../security-events/security-event.recorder.js';
import { unusablePassword } from '../users/password-hasher.js';
import { findUsersByIds } from '../users/user.queries.js';
import { undos } from './disavowal.undo.js';
import { lockAccount, replacePassword } from './password.queries.js';
import type { PasswordResetMail } from './password-reset.mail.js';

/** What was under way when a notice was written may say an earlier time: no request takes longer, in milliseconds. */
const longestRequest = 30_000;

/** The links of notices: “this was not me”. */
export class DisavowalService {
  constructor(
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly revoker: Revoker,
    private readonly events: SecurityEventRecorder,
    private readonly resetMail: PasswordResetMail,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes back what was done since the notice, ends all sessions, links and the password, and mails a link to another one
   * to where the notice went. Throws TOKEN_NOT_VALID.
   */
  async disavow(em: EntityManager, token: string, origin: RequestOrigin): Promise<void> {
    const found = await this.oneTimeTokens.find(em, token, 'DISAVOWAL');
    const userId = found?.userId ?? null;
    const obey = userId && (await em.transactional((tx) => this.takeBack(tx, userId, token, origin)));
    if (!obey) throw await this.oneTimeTokens.refusal(em, token, 'DISAVOWAL');
    obey();
  }

  /** Null when the link was used at the same instant. */
  private async takeBack(
    tx: EntityManager,
    userId: string,
    token: string,
    origin: RequestOrigin,
  ): Promise<(() => unknown) | null> {
    await lockAccount(tx, userId);
    const used = await this.oneTimeTokens.consume(tx, token, 'DISAVOWAL');
    if (used === null) return null;
    const { createdAt, data } = used;
    // Younger notices went to wherever the thief had the mail sent by then.
    await this.oneTimeTokens.end(tx, userId, 'DISAVOWAL', createdAt);
    const since = new Date(createdAt.getTime() - longestRequest);
    const provenEmail = provenEmailOf(used);
    const now = new Date(this.clock.now());
    const [before] = await findUsersByIds(tx, [userId]);
    for (const undo of undos) await undo(tx, { userId, provenEmail, since, now, undo: data });
    const passwordHash = unusablePassword;
    const closed = await replacePassword(tx, { userId, passwordHash, condition: sql`true`, provenEmail: null, now });
    const event = { ...origin, userId, sessionId: null };
    if (closed && closed.user.email !== before?.email)
      await this.events.record(tx, { ...event, type: 'email_changed' });
    const target = { userId, sessionId: null, ...(closed && { tokenVersion: closed.tokenVersion }) };
    const { obey } = await this.revoker.revokeWithin(tx, 'DISAVOWED', target, origin);
    if (closed) await this.resetMail.post(tx, { ...closed.user, email: provenEmail ?? closed.user.email });
    return obey;
  }
}

function provenEmailOf({ data: { email, emailVerified } }: OneTimeToken): string | null {
  return typeof email === 'string' && emailVerified === true ? email : null;
}
