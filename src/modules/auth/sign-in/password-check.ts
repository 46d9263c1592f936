import type { EntityManager } from '@mikro-orm/sql';
import { z } from 'zod';
import { assertThat, invalidCredentials, PosternError } from '../../../common/errors.js';
import { networkOf } from '../../../common/network.js';
import { parseInput, text } from '../../../common/validation.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { PasswordHasher } from '../../users/password-hasher.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { SignInAccount } from './account.queries.js';
import type { Attempt, AttemptLimiter, CountedAttempt } from './attempt-limiter.js';
import type { LoginHooks } from './login-hooks.js';
import type { SignInAccounts } from './sign-in-accounts.js';
import { Turns } from './turns.js';

export interface SignInInput {
  /** User name or e-mail address. */
  readonly username: string;
  readonly password: string;
  /** What a remembered device shows. */
  readonly deviceToken?: string | null;
}

/** Somebody has given the right password of an active account. */
export interface PasswordProof {
  readonly account: SignInAccount;
  /** A new hash of the same password, when the parameters have changed since it was made. */
  readonly rehash: string | null;
  /** Counts as a failure until it is taken back: whoever goes on with the proof does so once it has come to its end. */
  readonly counted: CountedAttempt;
}

/** Null when the account has changed since the password was checked. */
type UseOfProof<T> = (proof: PasswordProof) => Promise<T | null>;

/** Only what could be an account's; the rules for new names and passwords do not bind old ones. */
const rules = z.object({ username: text({ max: 254 }), password: text({ max: 256 }) });

/** How many may wait to sign in to one account from one network. */
const longestLine = 100;

/** Checks the password of whoever signs in, as often as the limits allow. */
export class PasswordCheck {
  /** One at a time: right passwords that arrive together must not look like so many failures to the limiter. */
  private readonly turns = new Turns(longestLine);

  constructor(
    private readonly accounts: SignInAccounts,
    private readonly hasher: PasswordHasher,
    private readonly limiter: AttemptLimiter,
    private readonly hooks: LoginHooks,
    private readonly events: SecurityEventRecorder,
  ) {}

  /**
   * What comes of a right password. Throws INVALID_CREDENTIALS, the same and after the same work for an unknown name, a
   * wrong password and an inactive account, or RATE_LIMITED before any of that work.
   */
  async check<T>(em: EntityManager, input: SignInInput, device: Device, use: UseOfProof<T>): Promise<T> {
    const { username, password } = parseInput(rules, input);
    const network = networkOf(device.ipAddress);
    const find = () => this.accounts.byName(em, username, device, input.deviceToken ?? null);
    const first = await find();
    const attempt = { account: username.toLowerCase(), userId: first?.userId ?? null, network };
    const verify = async (account: SignInAccount | null, counted: CountedAttempt): Promise<T | null> => {
      const verified = await this.verify(account, password);
      assertThat(verified, invalidCredentials);
      return use({ ...verified, counted });
    };
    try {
      return await this.turns.take(`${attempt.account} ${network}`, () =>
        this.counted(em, attempt, device, async (counted) => {
          // A parallel sign-in may have renewed the hash that was just checked: the new one deserves a second look.
          const result = (await verify(first, counted)) ?? (await verify(await find(), counted));
          assertThat(result, invalidCredentials);
          return result;
        }),
      );
    } catch (error) {
      if (hasFailed(error)) this.hooks.failed(username, device);
      throw error;
    }
  }

  /**
   * Counts the attempt before it is made; what ends with another error than INVALID_CREDENTIALS is taken back. Who it was
   * that failed nobody knows; whose account it was, only if there is one. What was typed is not recorded.
   */
  private async counted<T>(
    em: EntityManager,
    attempt: Attempt,
    device: Device,
    make: (counted: CountedAttempt) => Promise<T>,
  ): Promise<T> {
    const counted = await this.limiter.count(em, attempt);
    try {
      return await make(counted);
    } catch (error) {
      if (hasFailed(error)) {
        const { userId } = attempt;
        await this.events.record(em, { ...device, type: 'sign_in_failed', userId, actorId: null, sessionId: null });
      } else await this.limiter.takeBack(em, counted);
      throw error;
    }
  }

  private async verify(
    account: SignInAccount | null,
    password: string,
  ): Promise<Pick<PasswordProof, 'account' | 'rehash'> | null> {
    if (account === null) {
      await this.hasher.verifyAgainstNothing(password);
      return null;
    }
    const { valid, needsRehash } = await this.hasher.verify(account.passwordHash, password);
    if (!valid || !account.isActive) return null;
    return { account, rehash: needsRehash ? await this.hasher.hash(password) : null };
  }
}

function hasFailed(error: unknown): boolean {
  return error instanceof PosternError && error.code === 'INVALID_CREDENTIALS';
}
