import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import type { SecondFactorSettings } from '../../../config.js';
import type { SignInAccount } from '../sign-in/account.queries.js';

type FactorStanding = Pick<SignInAccount, 'factors' | 'hasRecoveryCodes' | 'role' | 'deviceHashes'>;

/**
 * What a right password has to be followed by: one of these, or nothing where there are none. Who must have a second
 * factor (REQUIRE_SECOND_FACTOR) and has set up none gets codes by e-mail, so that nobody is locked out. On a remembered
 * device nothing is due.
 */
export function methodsDue(
  { factors, hasRecoveryCodes, role, deviceHashes }: FactorStanding,
  required: SecondFactorSettings['required'],
): SecondFactorMethod[] {
  if (deviceHashes.length > 0) return [];
  if (factors.length > 0) return hasRecoveryCodes ? [...factors, 'RECOVERY_CODE'] : [...factors];
  return required === 'all' || (required === 'admin' && role === 'ADMIN') ? ['EMAIL'] : [];
}
