import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { rateLimited } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import type { AttemptLimit } from '../../../config.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import { findUsersByIds } from '../../users/user.queries.js';
import type { Notifier } from '../notices/notifier.js';
import type { OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';
import type { OneTimeTokenPurpose } from '../one-time-tokens/one-time-token.types.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import { budgetKey, type TakenAttempt, takeAttempt } from './code-attempt.queries.js';

/** What a code is tried for. */
export interface CodeTarget {
  readonly token: string;
  readonly purpose: OneTimeTokenPurpose;
  /** Whose token it must be, where that is known. */
  readonly userId?: string;
  /** Whether it draws on the account's budget: codes of six digits do. */
  readonly limited: boolean;
}

export interface CodeAttempt extends Pick<TakenAttempt, 'userId' | 'data' | 'codeHash'> {
  /** What it counts under in the account's budget, until it is taken back. */
  readonly keys: readonly string[];
  /** Whether it is the last one that the account has for now. */
  readonly isLast: boolean;
}

/** Bounds how many codes can be guessed: five for a token, and so many in a time for an account (docs/second-factors.md). */
export class CodeAttempts {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly events: SecurityEventRecorder,
    private readonly notifier: Notifier,
    private readonly limit: AttemptLimit,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * To be called before a code is compared. Throws TOKEN_NOT_VALID, or RATE_LIMITED once the account's budget is used
   * up. Recovery codes do not draw on that: they are too many to be guessed, and all that is left to a user by then.
   */
  async take(em: EntityManager, { token, purpose, userId, limited }: CodeTarget): Promise<CodeAttempt> {
    const now = new Date(this.clock.now());
    const good = this.tokens.good(token, purpose);
    const budget = limited ? { ...this.limit, now } : null;
    const taken = await takeAttempt(em, userId === undefined ? good : ownedBy(userId, good), budget);
    if (taken === null) throw await this.tokens.refusal(em, token, purpose);
    const { counted, resetsAt } = taken;
    if (limited && counted === null) {
      this.metrics.throttled('second_factor');
      throw rateLimited(resetsAt ? resetsAt.getTime() - now.getTime() : this.limit.window);
    }
    const keys = limited ? [budgetKey(taken.userId)] : [];
    return { ...taken, keys, isLast: counted === this.limit.attempts };
  }

  /** Writes down that the code was wrong; after the last one of the budget the user is told. */
  async fail(
    em: EntityManager,
    { userId, isLast }: CodeAttempt,
    method: SecondFactorMethod,
    device: Device,
  ): Promise<void> {
    const event = { ...device, userId, actorId: null, sessionId: null };
    await this.events.record(em, { ...event, type: 'second_factor_failed', detail: method });
    if (!isLast) return;
    await em.transactional(async (tx) => {
      await this.events.record(tx, { ...event, type: 'codes_guessed' });
      const [user] = await findUsersByIds(tx, [userId]);
      if (user) await this.notifier.notify(tx, user, 'codesGuessed', device, {});
    });
  }
}

function ownedBy(userId: string, good: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`user_id = ${userId}::uuid and ${good}`;
}
