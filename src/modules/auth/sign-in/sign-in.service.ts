import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { Metrics } from '../../../common/metrics.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import type { SecondFactorSettings } from '../../../config.js';
import type { UserRow } from '../../users/user.queries.js';
import { countSignIn } from '../auth.metrics.js';
import { isRemembered, useDevice } from '../devices/device.queries.js';
import { methodsDue } from '../second-factors/second-factor.policy.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { TokenKind } from '../tokens/token-issuer.js';
import { asItWas, type SignInAccount } from './account.queries.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import type { PasswordCheck, PasswordProof, SignInInput } from './password-check.js';
import type { Proof, SessionOpener } from './session-opener.js';
import type { SignInGate } from './sign-in-gate.js';

/** What is done where the password is not enough; null when the account has changed since it was checked. */
export type AskForSecondFactor<Asked> = (proof: PasswordProof, methods: SecondFactorMethod[]) => Promise<Asked | null>;

/** Signs users in by name and password, and where one is due by a second factor. */
export class SignInService {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly limiter: AttemptLimiter,
    private readonly gate: SignInGate,
    private readonly opener: SessionOpener,
    private readonly settings: Pick<SecondFactorSettings, 'required'>,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Tokens, or what comes of asking for the second factor: until that has come, the attempt counts as a failure. Throws
   * what `PasswordCheck` does, or after a right password what `SignInGate` does.
   */
  signIn<Tokens extends { readonly user: UserRow }, Asked>(
    em: EntityManager,
    input: SignInInput,
    device: Device,
    kind: TokenKind<Tokens>,
    ask: AskForSecondFactor<Asked>,
  ): Promise<Tokens | Asked> {
    let asked = false;
    const use = async (proof: PasswordProof): Promise<Tokens | Asked | null> => {
      const { account, rehash, counted } = proof;
      const claims = await this.gate.admit(em, account);
      const methods = methodsDue(account, this.settings.required);
      asked = methods.length > 0;
      if (asked) return ask(proof, methods);
      const tokens = await this.opener.open(
        em,
        { account, rehash, claims, amr: ['pwd'], ...this.guardOf(account, device) },
        device,
        kind,
      );
      if (tokens) await this.limiter.takeBack(em, counted);
      return tokens;
    };
    return countSignIn(
      this.metrics,
      'password',
      () => this.passwords.check(em, input, device, use),
      () => (asked ? 'second_factor_asked' : 'ok'),
    );
  }

  /** A remembered device that stands in for the second factor must still be one when the session opens. */
  private guardOf(account: SignInAccount, device: Device): Pick<Proof, 'unchanged' | 'alongside'> {
    const { userId, deviceHashes: hashes } = account;
    if (hashes.length === 0) return { unchanged: asItWas(account) };
    const shown = { userId, hashes, now: new Date(this.clock.now()) };
    return {
      unchanged: sql`${asItWas(account)} and ${isRemembered(sql`${userId}::uuid`, shown)}`,
      alongside: [(condition) => useDevice(shown, device, condition)],
    };
  }
}
