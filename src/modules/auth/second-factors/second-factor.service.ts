import type { EntityManager } from '@mikro-orm/sql';
import { parseInput } from '../../../common/validation.js';
import type { UserRow } from '../../users/user.queries.js';
import type { PasswordConfirmation } from '../step-up/password-confirmation.js';
import type { FactorChange, FactorOwner } from './factor-change.js';
import { type DisableSecondFactorInput, disableRules, renewRules } from './second-factor.inputs.js';

/** What a user does with factors that are on. Both take the password, and throw INVALID_CREDENTIALS or RATE_LIMITED for it. */
export class SecondFactorService {
  constructor(
    private readonly passwords: PasswordConfirmation,
    private readonly change: FactorChange,
  ) {}

  /** Throws NOT_FOUND for a factor that is not on, BAD_USER_INPUT for recovery codes. */
  async disable(em: EntityManager, owner: FactorOwner, input: DisableSecondFactorInput): Promise<UserRow> {
    const { method, password } = parseInput(disableRules, input);
    const { passwordHash } = await this.passwords.confirm(em, owner.viewer, password, owner.device);
    return this.change.remove(em, owner, method, passwordHash);
  }

  /** Ten new recovery codes, shown this once; throws NOT_FOUND where no factor is on. */
  async renewRecoveryCodes(em: EntityManager, owner: FactorOwner, password: string): Promise<string[]> {
    parseInput(renewRules, { password }, []);
    const { passwordHash } = await this.passwords.confirm(em, owner.viewer, password, owner.device);
    return this.change.renewCodes(em, owner, passwordHash);
  }
}
