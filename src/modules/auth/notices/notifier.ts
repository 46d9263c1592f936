import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { Links } from '../../mail/links.js';
import type { MailFacts, NewMail, NoticeOrigin } from '../../mail/mail.types.js';
import type { Mailer } from '../../mail/mailer.js';
import type { UserRow } from '../../users/user.queries.js';
import type { OneTimeTokenData, OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';

const day = 86_400_000;

/** How long whoever did not do it may say so, in milliseconds. */
const disavowalLifetime = 7 * day;

/** The mails that tell a user what happened to their account, and have a link against it. */
type NoticeTemplate = {
  [Template in keyof MailFacts]: MailFacts[Template] extends { readonly disavowLink: string } ? Template : never;
}[keyof MailFacts];

/** A notice's own facts, beside where it came from and the link. */
type NoticeFacts<Template extends NoticeTemplate> = Omit<MailFacts[Template], keyof NoticeOrigin | 'disavowLink'>;

/** Whom a notice is to. */
export type Notified = Pick<UserRow, 'id' | 'username' | 'email'> &
  (Pick<UserRow, 'emailVerifiedAt'> | { readonly emailVerified: boolean });

/** Tells users by mail what happened to their accounts. */
export class Notifier {
  constructor(
    private readonly mailer: Mailer,
    private readonly oneTimeTokens: OneTimeTokens,
    private readonly links: Links,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes the notice, in the transaction of what it tells, to the address that the user had before it. `undo` is what its
   * link takes back beside ending all sessions.
   */
  async notify<Template extends NoticeTemplate>(
    em: EntityManager,
    user: Notified,
    template: Template,
    origin: Pick<NoticeOrigin, 'ipAddress' | 'userAgent'>,
    facts: NoticeFacts<Template>,
    undo: OneTimeTokenData = {},
  ): Promise<void> {
    for (const insert of this.prepare(user, template, origin, facts, undo)) {
      await insert(sql`true`).execute(em.getKysely());
    }
  }

  /** The same as statements, to be parts of a larger one: the notice is written if the condition holds. */
  prepare<Template extends NoticeTemplate>(
    user: Notified,
    template: Template,
    { ipAddress, userAgent }: Pick<NoticeOrigin, 'ipAddress' | 'userAgent'>,
    facts: NoticeFacts<Template>,
    undo: OneTimeTokenData = {},
  ): ((condition: RawBuilder<unknown>) => RawBuilder<unknown>)[] {
    const { id: userId, username, email } = user;
    const emailVerified = 'emailVerified' in user ? user.emailVerified : user.emailVerifiedAt !== null;
    const data = { ...undo, email, emailVerified };
    const token = this.oneTimeTokens.prepare({ userId, purpose: 'DISAVOWAL', lifetime: disavowalLifetime, data });
    const at = new Date(this.clock.now());
    const all = { ...facts, ipAddress, userAgent, at, disavowLink: this.links.to('disavow', token.token) };
    const mail = { template, facts: all, to: email, userId, username } as NewMail;
    return [(condition) => token.insert(condition), (condition) => this.mailer.insert(mail, condition)];
  }
}
