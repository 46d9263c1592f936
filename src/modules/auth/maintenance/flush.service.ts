import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { TokenSettings } from '../../../config.js';
import { pause } from '../../../database/timing.js';
import { purgeSecurityEvents } from '../../security-events/security-event.queries.js';
import type { RefreshToken } from '../sessions/refresh-token.entity.js';

/** Rows deleted in one transaction: few enough that nobody waits for their locks. */
const batchSize = 500;

/** How long the flush rests after a batch, in times of what the batch took: whoever signs in comes first. */
const rest = 4;

/** Any number will do, so long as every version of Postern takes the same. */
const lockKey = 7_097_821_135;

/** In the order in which a token goes through them, so that none slips from one batch past the others. */
const tokenStates = ['ACTIVE', 'ROTATED', 'BLACKLISTED'] as const satisfies RefreshToken['state'][];

/** How long an account remembers the networks and programs it was signed in to from, in milliseconds: 400 days. */
const networkMemory = 400 * 86_400_000;

/** How long what the outbox has given up waits for a person, in milliseconds: 30 days. */
const givenUpMemory = 30 * 86_400_000;

export interface FlushReport {
  readonly sessions: number;
  readonly refreshTokens: number;
  readonly securityEvents: number;
  readonly other: number;
}

/** Rows of the table whose column says this time or an earlier one. */
interface Expired {
  readonly table: string;
  readonly column: string;
  readonly by: Date | RawBuilder<unknown>;
  /** A part of the table, where the index begins with what tells it from the others. */
  readonly part?: RawBuilder<unknown>;
}

/** Deletes what has expired, so that no table only grows (SimpleJWT's flushexpiredtokens). */
export class FlushService {
  constructor(
    private readonly retention: number,
    private readonly leeway: TokenSettings['leeway'],
    /** 0: security events stay for ever. */
    private readonly eventRetention: number,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes in small transactions, each under a lock that one process in all holds at a time; `signal` stops it between
   * two. A session stays until the last access token that it ever gave out is dead.
   */
  async flush(em: EntityManager, signal?: AbortSignal): Promise<FlushReport> {
    const now = this.clock.now();
    const drain = (expired: Expired): Promise<number> => inBatches(em, (tx) => deleteBatch(tx, expired), signal);
    // The tokens of a session expire before it does: taken first, they are not left to its cascade, in one big transaction.
    let refreshTokens = 0;
    for (const state of tokenStates) {
      const by = new Date(now - this.leeway);
      refreshTokens += await drain({ table: 'refresh_tokens', part: sql`state = ${state}`, column: 'expires_at', by });
    }
    const sessions = await drain({ table: 'sessions', column: 'expires_at', by: new Date(now - this.retention) });
    let other = 0;
    for (const expired of this.forgettable(now)) other += await drain(expired);
    return { sessions, refreshTokens, securityEvents: await this.purgeEvents(em, now, signal), other };
  }

  private forgettable(now: number): Expired[] {
    const seconds = (2 * this.retention) / 1000;
    return [
      { table: 'sign_in_attempts', column: 'resets_at', by: new Date(now) },
      { table: 'one_time_tokens', column: 'expires_at', by: new Date(now) },
      { table: 'known_networks', column: 'last_used_at', by: new Date(now - networkMemory) },
      {
        table: 'outbox',
        part: sql`failed_at is not null`,
        column: 'failed_at',
        by: new Date(now - givenUpMemory),
      },
      { table: 'known_agents', column: 'last_used_at', by: new Date(now - networkMemory) },
      { table: 'remembered_devices', column: 'expires_at', by: new Date(now) },
      // Stamped by the database's clock, so measured by it; by one that is stable, or no index would serve.
      {
        table: 'revocations',
        column: 'revoked_at',
        by: sql`statement_timestamp() - make_interval(secs => ${seconds})`,
      },
    ];
  }

  private async purgeEvents(em: EntityManager, now: number, signal?: AbortSignal): Promise<number> {
    if (this.eventRetention === 0) return 0;
    const before = new Date(now - this.eventRetention);
    return inBatches(em, (tx) => purgeSecurityEvents(tx, before, batchSize), signal);
  }
}

/** Repeats what deletes a batch, each in a transaction of its own, until one is not full. */
async function inBatches(
  em: EntityManager,
  deleteNext: (em: EntityManager) => Promise<number>,
  signal = new AbortController().signal,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const start = performance.now();
    const deleted = await em.transactional(deleteNext);
    total += deleted;
    if (deleted < batchSize) break;
    await pause(rest * (performance.now() - start), signal);
  }
  return total;
}

/** Returns how many rows it deleted. Where several processes flush, they take turns, a batch each. */
async function deleteBatch(em: EntityManager, { table, column, by, part = sql`true` }: Expired): Promise<number> {
  const kysely = em.getKysely();
  await sql`select pg_advisory_xact_lock(${lockKey}), set_config('postern.flushing', 'on', true)`.execute(kysely);
  // Sorted so that the column's index is used, however many rows have expired.
  const result = await sql`
    delete from ${sql.table(table)} where ctid = any(array(
      select ctid from ${sql.table(table)} where ${part} and ${sql.ref(column)} <= ${by} order by ${sql.ref(column)}
      limit ${batchSize} for update skip locked))`.execute(kysely);
  return Number(result.numAffectedRows ?? 0n);
}
