import { createHmac } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { rateLimited } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { AttemptLimit } from '../../../config.js';

/** How often something may be asked for in a time, by one asker. */
export interface RequestLimit extends AttemptLimit {
  /** Tells its counts from those of other limits. */
  readonly name: string;
}

/** Counts what is asked for, in the table that failed sign-ins are counted in: so for all instances, and until it is flushed. */
export class RequestLimiter {
  constructor(
    private readonly macKey: Buffer,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts one more and returns 0, or counts nothing and returns in how many milliseconds the limit is over: one guarded
   * statement, so that of parallel requests no more get through.
   */
  async admit(em: EntityManager, { name, attempts, window }: RequestLimit, asker: string): Promise<number> {
    const key = this.key(name, asker);
    const now = new Date(this.clock.now());
    const resetsAt = new Date(now.getTime() + window);
    const { rows } = await sql<{ admitted: boolean; until: string | null }>`
      with counted as (
        insert into sign_in_attempts as a (key, failures, resets_at) values (${key}, 1, ${resetsAt})
        on conflict (key) do update set
          failures = case when a.resets_at > ${now} then a.failures + 1 else 1 end,
          resets_at = case when a.resets_at > ${now} then a.resets_at else excluded.resets_at end
        where a.resets_at <= ${now} or a.failures < ${attempts}
        returning key
      )
      select exists (select from counted) as admitted,
        (select resets_at from sign_in_attempts where key = ${key}) as until`.execute(em.getKysely());
    const [row] = rows;
    if (row?.admitted) return 0;
    this.metrics.throttled('request');
    // Reached by parallel requests in this very instant, it shows no end yet.
    return row?.until ? Math.max(1, new Date(row.until).getTime() - now.getTime()) : window;
  }

  /** Throws RATE_LIMITED once there were too many. */
  async require(em: EntityManager, limit: RequestLimit, asker: string): Promise<void> {
    const wait = await this.admit(em, limit, asker);
    if (wait > 0) throw rateLimited(wait);
  }

  /** Keyed, because an asker may be an address that somebody typed. */
  private key(...parts: string[]): string {
    return createHmac('sha256', this.macKey).update(JSON.stringify(parts)).digest('base64url');
  }
}
