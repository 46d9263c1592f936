import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { AttemptLimit } from '../../../config.js';
import type { OneTimeTokenData } from '../one-time-tokens/one-time-token.service.js';

/** How codes of an account are counted, over all its challenges and enrolments. */
export interface CodeBudget extends AttemptLimit {
  readonly now: Date;
}

export interface TakenAttempt {
  readonly userId: string;
  readonly data: OneTimeTokenData;
  /** Of the code that was mailed last. */
  readonly codeHash: Buffer | null;
  /** How many of the budget are counted with this one; null where it is used up, or not drawn on. */
  readonly counted: number | null;
  /** When a budget that is used up begins anew. */
  readonly resetsAt: Date | null;
}

interface RawAttempt {
  user_id: string;
  data: OneTimeTokenData;
  code_hash: Uint8Array | null;
  counted: number | null;
  resets_at: string | null;
}

/** The key of an account's budget in `sign_in_attempts`, where those of passwords are keyed hashes. */
export function budgetKey(userId: string): string {
  return `codes of ${userId}`;
}

/**
 * Takes one of a token's tries, and one of the account's budget unless there is none, in one guarded statement: of any
 * number of parallel calls no more get one than there are. Null when the token is no good, or has no tries left.
 */
export async function takeAttempt(
  em: EntityManager,
  good: RawBuilder<unknown>,
  budget: CodeBudget | null,
): Promise<TakenAttempt | null> {
  const { rows } = await sql<RawAttempt>`
    with taken as (
      update one_time_tokens set attempts_left = attempts_left - 1 where ${good} and attempts_left > 0
      returning user_id, data, code_hash
    ), counted as (${budget ? count(budget) : sql`select null::text as key, null::integer as failures where false`})
    select taken.*, counted.failures as counted,
      (select resets_at from sign_in_attempts where key = ${budgetKeySql}) as resets_at
    from taken left join counted on true`.execute(em.getKysely());
  return rows[0] ? toAttempt(rows[0]) : null;
}

const budgetKeySql = sql`${budgetKey('')} || taken.user_id`;

function count({ attempts, window, now }: CodeBudget): RawBuilder<unknown> {
  // The time begins with the first wrong code, not with a right one that was taken back.
  const running = sql`a.resets_at > ${now} and a.failures > 0`;
  return sql`
      insert into sign_in_attempts as a (key, failures, resets_at)
      select ${budgetKeySql}, 1, ${new Date(now.getTime() + window)}::timestamptz from taken
      on conflict (key) do update set
        failures = case when ${running} then a.failures + 1 else 1 end,
        resets_at = case when ${running} then a.resets_at else excluded.resets_at end
      where a.resets_at <= ${now} or a.failures < ${attempts}
      returning key, failures`;
}

function toAttempt({ user_id, data, code_hash, counted, resets_at }: RawAttempt): TakenAttempt {
  return {
    userId: user_id,
    data,
    codeHash: code_hash && Buffer.from(code_hash),
    counted,
    resetsAt: resets_at === null ? null : new Date(resets_at),
  };
}
