import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, signInTooOld } from '../../../common/errors.js';
import { parseInput, text } from '../../../common/validation.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { PasswordConfirmation } from './password-confirmation.js';

/** How old a sign-in may be for what changes who can sign in, in milliseconds. */
const recent = 10 * 60_000;

const passwordRule = text({ max: 256 });

/** Lets a caller change factors only soon after the sign-in, or with the password again (OWASP ASVS 5, 7.5.1). */
export class StepUp {
  constructor(
    private readonly passwords: PasswordConfirmation,
    private readonly clock: Clock,
  ) {}

  /** Throws FORBIDDEN with the reason SIGN_IN_TOO_OLD; with a password BAD_USER_INPUT, or as `PasswordConfirmation` does. */
  async require(em: EntityManager, viewer: UserViewer, input: string | null, device: Device): Promise<void> {
    if (input !== null) {
      const password = parseInput(passwordRule, input, ['password']);
      await this.passwords.confirm(em, viewer, password, device);
      return;
    }
    assertThat(this.clock.now() - viewer.authenticatedAt.getTime() <= recent, signInTooOld);
  }
}
