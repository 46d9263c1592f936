import type { EntityManager } from '@mikro-orm/sql';
import type { RawBuilder } from 'kysely';
import { productName } from '../../common/mailbox.js';
import type { Config, MailLanguage } from '../../config.js';
import type { Outbox } from '../outbox/outbox.js';
import type { NewOutboxItem, RenderedMail } from '../outbox/outbox.types.js';
import { layOut } from './layout.js';
import type { MailContent, MailFacts, MailTemplate, MailTexts, NewMail } from './mail.types.js';
import { de } from './templates/de.js';
import { en } from './templates/en.js';

/** The mails in every language; a new one adds its file, a word to `mailLanguages` and a line here. */
export const textsByLanguage: Readonly<Record<MailLanguage, MailTexts>> = { en, de };

/** Writes mails into the outbox, in the transaction that causes them. */
export class Mailer {
  private readonly texts: MailTexts;
  /** Mails are signed with the name that they are from, or with the host of a bare address. */
  private readonly product: string;

  constructor(
    private readonly outbox: Outbox,
    { language, from }: Pick<Config['mail'], 'language' | 'from'>,
  ) {
    this.texts = textsByLanguage[language];
    this.product = productName(from);
  }

  async post(em: EntityManager, mail: NewMail): Promise<void> {
    await this.outbox.post(em, this.itemOf(mail));
  }

  /** The statement, to be part of a larger one: the mail is written if the condition holds. */
  insert(mail: NewMail, condition?: RawBuilder<unknown>): RawBuilder<unknown> {
    return this.outbox.insert(this.itemOf(mail), condition);
  }

  private itemOf(mail: NewMail): NewOutboxItem<'MAIL'> {
    return { kind: 'MAIL', userId: mail.userId, payload: this.render(mail) };
  }

  private render({ template, facts, to, username }: NewMail): RenderedMail {
    return layOut(this.texts, contentOf(this.texts, template, facts, this.product), {
      to,
      username,
      product: this.product,
    });
  }
}

function contentOf<Template extends MailTemplate>(
  texts: MailTexts,
  template: Template,
  facts: MailFacts[Template],
  product: string,
): MailContent {
  return texts.contents[template](facts, product);
}
