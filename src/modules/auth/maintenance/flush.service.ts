import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { TokenSettings } from '../../../config.js';

/** Rows deleted in one transaction: few enough that nobody waits for their locks. */
const batchSize = 1_000;

/** Any number will do, so long as every version of Postern takes the same. */
const lockKey = 7_097_821_135;

/** How long an account remembers the networks it was signed in to from, in milliseconds: 400 days. */
const networkMemory = 400 * 86_400_000;

export interface FlushReport {
  readonly sessions: number;
  readonly refreshTokens: number;
  readonly other: number;
}

/** Deletes what has expired, so that no table only grows (SimpleJWT's flushexpiredtokens). */
export class FlushService {
  constructor(
    private readonly retention: number,
    private readonly leeway: TokenSettings['leeway'],
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes in small transactions, each under a lock that one process in all holds at a time; `signal` stops it between
   * two. A session stays until the last access token that it ever gave out is dead.
   */
  async flush(em: EntityManager, signal?: AbortSignal): Promise<FlushReport> {
    const now = this.clock.now();
    const tokensExpiredBy = new Date(now - this.leeway);
    const sessionsExpiredBy = new Date(now - this.retention);
    const report = {
      sessions: await this.drain(em, sql`sessions`, sql`expires_at <= ${sessionsExpiredBy}`, signal),
      refreshTokens: await this.drain(em, sql`refresh_tokens`, sql`expires_at <= ${tokensExpiredBy}`, signal),
      other: 0,
    };
    for (const [table, condition] of this.forgettable(now)) report.other += await this.drain(em, table, condition, signal);
    return report;
  }

  private forgettable(now: number): [RawBuilder<unknown>, RawBuilder<unknown>][] {
    const seconds = (2 * this.retention) / 1000;
    return [
      [sql`sign_in_attempts`, sql`resets_at <= ${new Date(now)}`],
      [sql`known_networks`, sql`last_used_at <= ${new Date(now - networkMemory)}`],
      // Stamped by the database's clock, so measured by it.
      [sql`revocations`, sql`revoked_at <= clock_timestamp() - make_interval(secs => ${seconds})`],
    ];
  }

  private async drain(
    em: EntityManager,
    table: RawBuilder<unknown>,
    condition: RawBuilder<unknown>,
    signal?: AbortSignal,
  ): Promise<number> {
    let total = 0;
    for (let deleted = batchSize; deleted === batchSize && !signal?.aborted; total += deleted) {
      deleted = await em.transactional((tx) => deleteBatch(tx, table, condition));
    }
    return total;
  }
}

/** Returns how many rows it deleted; none while another process is at it. */
async function deleteBatch(
  em: EntityManager,
  table: RawBuilder<unknown>,
  condition: RawBuilder<unknown>,
): Promise<number> {
  const kysely = em.getKysely();
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(${lockKey}) as locked, set_config('postern.flushing', 'on', true)`.execute(kysely);
  if (!rows[0]?.locked) return 0;
  const result = await sql`
    delete from ${table} where ctid = any(array(
      select ctid from ${table} where ${condition} limit ${batchSize} for update skip locked))`.execute(kysely);
  return Number(result.numAffectedRows ?? 0n);
}
