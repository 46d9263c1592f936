import { createHmac } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { rateLimited } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { AttemptLimit, Config } from '../../../config.js';

/** Who tries to sign in, and as whom. */
export interface Attempt {
  /**
   * The name or address as it was typed, in lower case. Not the account that it leads to: else a limit reached under a
   * name would tell whether an address is the same person's.
   */
  readonly account: string;
  /** Decides only whether the network is one that the account knows. */
  readonly userId: string | null;
  readonly network: string;
}

/** An attempt that has been counted as a failure until it is taken back. */
export interface CountedAttempt {
  readonly keys: readonly string[];
}

interface Counter extends AttemptLimit {
  readonly key: string;
  /** Counted only when the account was never signed in to from this network. */
  readonly strangersOnly: boolean;
}

/**
 * Throttles sign-in (OWASP ASVS 5, 6.3.1): each attempt is counted before its hash is computed, and taken back when it
 * succeeds, so that parallel attempts cannot outrun the limit. The counts live in the database, for all instances.
 */
export class AttemptLimiter {
  constructor(
    private readonly limits: Config['signIn']['limits'],
    private readonly macKey: Buffer,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** Counts the attempt under each limit at once, or throws RATE_LIMITED and counts nothing. */
  async count(em: EntityManager, attempt: Attempt): Promise<CountedAttempt> {
    const counters = this.countersOf(attempt);
    const now = new Date(this.clock.now());
    const { rows } = await sql<{ key: string | null; blocked_until: string | null }>`
      with candidate (key, attempts, resets_at, strangers_only) as (
        values ${sql.join(counters.map((counter) => this.candidate(counter, now)))}
      ), limited as (
        select * from candidate
        where not (strangers_only and exists (
          select from known_networks where user_id = ${attempt.userId}::uuid and network = ${attempt.network}))
      ), blocked as (
        select max(a.resets_at) as until from sign_in_attempts a join limited l using (key)
        where a.failures >= l.attempts and a.resets_at > ${now}
      ), counted as (
        insert into sign_in_attempts as a (key, failures, resets_at)
        select key, 1, resets_at from limited where (select until from blocked) is null order by key
        on conflict (key) do update set
          failures = case when a.resets_at > ${now} then a.failures + 1 else 1 end,
          resets_at = case when a.resets_at > ${now} then a.resets_at else excluded.resets_at end
        where a.resets_at <= ${now} or a.failures < (select attempts from limited l where l.key = a.key)
        returning key
      )
      select c.key, (select until from blocked) as blocked_until
      from limited l left join counted c using (key)`.execute(em.getKysely());
    const refused = rows.some((row) => row.key === null);
    const keys = rows.flatMap((row) => row.key ?? []);
    if (!refused) return { keys };
    await this.takeBack(em, { keys });
    this.metrics.throttled('sign_in');
    throw rateLimited(this.waitFor(rows[0]?.blocked_until ?? null, now));
  }

  /** Takes a counted attempt back: it succeeded, or it never came to a check. */
  async takeBack(em: EntityManager, { keys }: CountedAttempt): Promise<void> {
    if (keys.length === 0) return;
    await sql`
      update sign_in_attempts set failures = failures - 1
      where failures > 0 and key in (select key from sign_in_attempts where key = any(${keys}::text[]) order by key for update)
    `.execute(em.getKysely());
  }

  private countersOf({ account, network }: Attempt): Counter[] {
    return [
      { ...this.limits.pair, key: this.key('pair', account, network), strangersOnly: false },
      { ...this.limits.address, key: this.key('address', network), strangersOnly: false },
      { ...this.limits.account, key: this.key('account', account), strangersOnly: true },
    ];
  }

  private candidate(counter: Counter, now: Date) {
    const resetsAt = new Date(now.getTime() + counter.window);
    return sql`(${counter.key}::text, ${counter.attempts}::int, ${resetsAt}::timestamptz, ${counter.strangersOnly}::boolean)`;
  }

  /** Keyed, because what is typed into the name field by mistake is at times a password. */
  private key(...parts: string[]): string {
    return createHmac('sha256', this.macKey).update(JSON.stringify(parts)).digest('base64url');
  }

  /** A limit that was reached by parallel attempts in this very instant shows no end yet: the shortest window then. */
  private waitFor(blockedUntil: string | null, now: Date): number {
    if (blockedUntil !== null) return new Date(blockedUntil).getTime() - now.getTime();
    return Math.min(...Object.values(this.limits).map((limit) => limit.window));
  }
}
