import { createHmac, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import { type PosternError, tokenNotValid } from '../../../common/errors.js';
import type { OneTimeTokenPurpose } from './one-time-token.types.js';

/** What every token looks like: 32 bytes in base64url. */
const form = /^[\w-]{43}$/;

/** What JSON can say. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What is remembered beside a token, as JSON. */
export type OneTimeTokenData = Readonly<Record<string, Json>>;

export interface NewOneTimeToken {
  /** Null while it is not known whose it is. */
  readonly userId: string | null;
  readonly purpose: OneTimeTokenPurpose;
  /** In milliseconds. */
  readonly lifetime: number;
  readonly data?: OneTimeTokenData;
  /** How many codes may be tried with it; none where it takes no code. */
  readonly attempts?: number;
}

export interface OneTimeToken {
  readonly userId: string | null;
  readonly data: OneTimeTokenData;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

interface RawToken {
  user_id: string | null;
  data: OneTimeTokenData;
  created_at: string;
  expires_at: string;
}

/** A token together with the statement that writes it down. */
export interface PreparedToken {
  readonly token: string;
  readonly expiresAt: Date;
  /** To be part of a larger statement: it is written if the condition holds. */
  insert(condition?: RawBuilder<unknown>): RawBuilder<unknown>;
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

  prepare({ userId, purpose, lifetime, data = {}, attempts }: NewOneTimeToken): PreparedToken {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    const expiresAt = new Date(now + lifetime);
    return {
      token,
      expiresAt,
      insert: (condition = sql`true`) => sql`
        insert into one_time_tokens (hash, user_id, purpose, data, created_at, expires_at, attempts_left)
        select ${this.hash(token)}::bytea, ${userId}::uuid, ${purpose}, ${JSON.stringify(data)}::jsonb,
          ${new Date(now)}::timestamptz, ${expiresAt}::timestamptz, ${attempts ?? null}::integer
        where ${condition}`,
    };
  }

  async issue(em: EntityManager, token: NewOneTimeToken): Promise<string> {
    const prepared = this.prepare(token);
    await prepared.insert().execute(em.getKysely());
    return prepared.token;
  }

  /** What the token was issued for, or null; it stays good. */
  async find(em: EntityManager, token: string, purpose: OneTimeTokenPurpose): Promise<OneTimeToken | null> {
    const { rows } = await sql<RawToken>`
      select user_id, data, created_at, expires_at from one_time_tokens where ${this.good(token, purpose)}`.execute(
      em.getKysely(),
    );
    return rows[0] ? toToken(rows[0]) : null;
  }

  /** What the token was issued for, or null; of any number of parallel calls one gets it, and it is good no more. */
  async consume(em: EntityManager, token: string, purpose: OneTimeTokenPurpose): Promise<OneTimeToken | null> {
    const { rows } = await sql<RawToken>`
      delete from one_time_tokens where ${this.good(token, purpose)}
      returning user_id, data, created_at, expires_at`.execute(em.getKysely());
    return rows[0] ? toToken(rows[0]) : null;
  }

  /** Ends the user's tokens of that purpose, or those that were made from a time on. */
  async end(em: EntityManager, userId: string, purpose: OneTimeTokenPurpose, since = new Date(0)): Promise<void> {
    await sql`
      delete from one_time_tokens
      where user_id = ${userId}::uuid and purpose = ${purpose} and created_at >= ${since}`.execute(em.getKysely());
  }

  /** Why the token is good for none of the purposes: TOKEN_NOT_VALID. What has been used or ended, or was flushed, is REVOKED. */
  async refusal(em: EntityManager, token: string, ...purposes: OneTimeTokenPurpose[]): Promise<PosternError> {
    if (!form.test(token)) return tokenNotValid('MALFORMED');
    const { rows } = await sql<{ purpose: OneTimeTokenPurpose; expired: boolean }>`
      select purpose, expires_at <= ${new Date(this.#clock.now())} as expired
      from one_time_tokens where hash = ${this.hash(token)}`.execute(em.getKysely());
    const [row] = rows;
    if (row && !purposes.includes(row.purpose)) return tokenNotValid('WRONG_TYPE');
    return row?.expired ? tokenNotValid('EXPIRED') : tokenNotValid('REVOKED');
  }

  /** The condition that a row is this token, and that it is good; for statements of a purpose's own. */
  good(token: string, purpose: OneTimeTokenPurpose): RawBuilder<unknown> {
    return sql`hash = ${this.hash(token)} and purpose = ${purpose} and expires_at > ${new Date(this.#clock.now())}`;
  }

  private hash(token: string): Buffer {
    return createHmac('sha256', this.#macKey).update(token).digest();
  }
}

function toToken({ user_id, data, created_at, expires_at }: RawToken): OneTimeToken {
  return { userId: user_id, data, createdAt: new Date(created_at), expiresAt: new Date(expires_at) };
}
