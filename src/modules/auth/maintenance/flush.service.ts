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

/** Rows of the table whose column says this time or an earlier one. */
interface Expired {
  readonly table: string;
  readonly column: string;
  readonly by: Date | RawBuilder<unknown>;
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
    const drain = (expired: Expired): Promise<number> => this.drain(em, expired, signal);
    // The tokens of a session expire before it does: taken first, they are not left to its cascade, in one big transaction.
    const refreshTokens = await drain({
      table: 'refresh_tokens',
      column: 'expires_at',
      by: new Date(now - this.leeway),
    });
    const sessions = await drain({ table: 'sessions', column: 'expires_at', by: new Date(now - this.retention) });
    let other = 0;
    for (const expired of this.forgettable(now)) other += await drain(expired);
    return { sessions, refreshTokens, other };
  }

  private forgettable(now: number): Expired[] {
    const seconds = (2 * this.retention) / 1000;
    return [
      { table: 'sign_in_attempts', column: 'resets_at', by: new Date(now) },
      { table: 'known_networks', column: 'last_used_at', by: new Date(now - networkMemory) },
      // Stamped by the database's clock, so measured by it; by one that is stable, or no index would serve.
      {
        table: 'revocations',
        column: 'revoked_at',
        by: sql`statement_timestamp() - make_interval(secs => ${seconds})`,
      },
    ];
  }

  private async drain(em: EntityManager, expired: Expired, signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (let deleted = batchSize; deleted === batchSize && !signal?.aborted; total += deleted) {
      deleted = await em.transactional((tx) => deleteBatch(tx, expired));
    }
    return total;
  }
}

/** Returns how many rows it deleted. Where several processes flush, they take turns, a batch each. */
async function deleteBatch(em: EntityManager, { table, column, by }: Expired): Promise<number> {
  const kysely = em.getKysely();
  await sql`select pg_advisory_xact_lock(${lockKey}), set_config('postern.flushing', 'on', true)`.execute(kysely);
  // Sorted so that the column's index is used, however many rows have expired.
  const result = await sql`
    delete from ${sql.table(table)} where ctid = any(array(
      select ctid from ${sql.table(table)} where ${sql.ref(column)} <= ${by} order by ${sql.ref(column)}
      limit ${batchSize} for update skip locked))`.execute(kysely);
  return Number(result.numAffectedRows ?? 0n);
}
