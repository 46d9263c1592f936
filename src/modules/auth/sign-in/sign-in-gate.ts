import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, emailNotVerified, invalidCredentials } from '../../../common/errors.js';
import type { Config } from '../../../config.js';
import type { UserRow } from '../../users/user.queries.js';
import type { Payload } from '../tokens/claim-reader.js';
import type { SignInAccount } from './account.queries.js';
import type { Admission } from './admission.js';

/** Mails the link that verifies an address once more. */
export interface VerificationReminder {
  remind(em: EntityManager, user: Pick<UserRow, 'id' | 'username' | 'email'>): Promise<void>;
}

/** Whether somebody who has proved who they are may sign in; without extensions it costs no statement. */
export class SignInGate {
  constructor(
    private readonly admission: Admission,
    private readonly reminder: VerificationReminder,
    private readonly mail: Pick<Config['mail'], 'requireVerifiedEmail'>,
  ) {}

  /**
   * The product's own claims of the session that may begin. Throws INVALID_CREDENTIALS where USER_AUTHENTICATION_RULE
   * refuses, or EMAIL_NOT_VERIFIED and mails the link again. To be asked outside of a transaction.
   */
  async admit(em: EntityManager, account: SignInAccount): Promise<Payload> {
    const { userId: id, username, email, emailVerified } = account;
    const claims = await this.admission.admit(em, id);
    assertThat(claims, invalidCredentials);
    if (emailVerified || !this.mail.requireVerifiedEmail) return claims;
    await this.reminder.remind(em, { id, username, email });
    throw emailNotVerified();
  }
}
