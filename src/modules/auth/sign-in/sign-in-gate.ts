import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, emailNotVerified, invalidCredentials } from '../../../common/errors.js';
import type { Config } from '../../../config.js';
import type { EmailVerification } from '../verification/email-verification.service.js';
import type { SignInAccount } from './account.queries.js';
import type { Admission, Admitted } from './admission.js';

/** Whether somebody who has proved who they are may sign in; without extensions it costs no statement. */
export class SignInGate {
  constructor(
    private readonly admission: Admission,
    private readonly verification: Pick<EmailVerification, 'remind'>,
    private readonly mail: Pick<Config['mail'], 'requireVerifiedEmail'>,
  ) {}

  /**
   * The product's own claims of the session that may begin. Throws INVALID_CREDENTIALS where USER_AUTHENTICATION_RULE
   * refuses, or EMAIL_NOT_VERIFIED and mails the link again. To be asked outside of a transaction.
   */
  async admit(em: EntityManager, account: SignInAccount): Promise<Admitted> {
    const { userId: id, username, email, emailVerifiedAt } = account;
    const claims = await this.admission.admit(em, id);
    assertThat(claims, invalidCredentials);
    if (emailVerifiedAt !== null || !this.mail.requireVerifiedEmail) return claims;
    await this.verification.remind(em, { id, username, email, emailVerifiedAt });
    throw emailNotVerified();
  }
}
