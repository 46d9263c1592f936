import { createHmac, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { OneTimeTokenPurpose } from './one-time-token.types.js';

/** What is remembered beside a token, as JSON. */
type OneTimeTokenData = Readonly<Record<string, string | number | boolean | null>>;

export interface NewOneTimeToken {
  readonly userId: string;
  readonly purpose: OneTimeTokenPurpose;
  /** In milliseconds. */
  readonly lifetime: number;
  readonly data?: OneTimeTokenData;
}

export interface OneTimeToken {
  readonly userId: string;
  readonly data: OneTimeTokenData;
}

/**
 * Tokens that are good once, each for one purpose: 256 random bits (OWASP Forgot Password Cheat Sheet), of which the
 * database has a keyed hash only. They end with what the revocation matrix says they end with.
 */
export class OneTimeTokens {
  readonly #macKey: Buffer;
  readonly #clock: Clock;

  constructor(macKey: Buffer, clock: Clock) {
    this.#macKey = macKey;
    this.#clock = clock;
  }

  async issue(em: EntityManager, { userId, purpose, lifetime, data = {} }: NewOneTimeToken): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    await sql`
      insert into one_time_tokens (hash, user_id, purpose, data, created_at, expires_at)
      values (${this.#hash(token)}, ${userId}::uuid, ${purpose}, ${JSON.stringify(data)}::jsonb,
        ${new Date(now)}, ${new Date(now + lifetime)})`.execute(em.getKysely());
    return token;
  }

  /** What the token was issued for, or null; of any number of parallel calls one gets it, and it is good no more. */
  async consume(em: EntityManager, token: string, purpose: OneTimeTokenPurpose): Promise<OneTimeToken | null> {
    const { rows } = await sql<{ user_id: string; data: OneTimeTokenData }>`
      delete from one_time_tokens
      where hash = ${this.#hash(token)} and purpose = ${purpose} and expires_at > ${new Date(this.#clock.now())}
      returning user_id, data`.execute(em.getKysely());
    const [row] = rows;
    return row ? { userId: row.user_id, data: row.data } : null;
  }

  #hash(token: string): Buffer {
    return createHmac('sha256', this.#macKey).update(token).digest();
  }
}
