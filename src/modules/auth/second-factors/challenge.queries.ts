import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { OneTimeTokenData } from '../one-time-tokens/one-time-token.service.js';
import { asItWas } from '../sign-in/account.queries.js';
import { type ConditionalInsert, furtherParts } from '../sign-in/conditional-insert.js';
import type { PasswordProof } from '../sign-in/password-check.js';

/**
 * Lets a sign-in wait for its second factor: one statement, guarded like the one that opens a session. False when the
 * account was deactivated, or its password or a factor has changed, since it was looked at.
 */
export async function insertChallenge(
  em: EntityManager,
  { account, rehash }: PasswordProof,
  inserts: readonly ConditionalInsert[],
): Promise<boolean> {
  const { rows } = await sql`
    with account as (
      update users set password_hash = coalesce(${rehash}, password_hash)
      where id = ${account.userId}::uuid and is_active and ${asItWas(account)}
      returning id
    ) ${furtherParts('part', inserts, sql`exists (select from account)`)}
    select id from account`.execute(em.getKysely());
  return rows.length === 1;
}

export interface WaitingSignIn {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly data: OneTimeTokenData;
  readonly expiresAt: Date;
  /** When the code was sent again last; null if it never was. */
  readonly codeSentAt: Date | null;
}

/** Null where no code can be tried any more. */
export async function findWaitingSignIn(em: EntityManager, good: RawBuilder<unknown>): Promise<WaitingSignIn | null> {
  type Raw = Omit<WaitingSignIn, 'expiresAt' | 'codeSentAt'> & { expiresAt: string; codeSentAt: string | null };
  const { rows } = await sql<Raw>`
    select u.id as "userId", u.username, u.email, t.data, t.expires_at as "expiresAt", t.code_sent_at as "codeSentAt"
    from one_time_tokens t join users u on u.id = t.user_id where ${good} and t.attempts_left > 0`.execute(
    em.getKysely(),
  );
  const [row] = rows;
  if (row === undefined) return null;
  const codeSentAt = row.codeSentAt === null ? null : new Date(row.codeSentAt);
  return { ...row, expiresAt: new Date(row.expiresAt), codeSentAt };
}

export interface NewCode {
  readonly hash: Buffer;
  readonly sentAt: Date;
  /** If the one before it was sent again at this time or earlier. */
  readonly sinceBefore: Date;
}

/** Puts another code into the place of the one before, and mails it; false where one was sent again a moment ago. */
export async function replaceCode(
  em: EntityManager,
  good: RawBuilder<unknown>,
  { hash, sentAt, sinceBefore }: NewCode,
  mail: ConditionalInsert,
): Promise<boolean> {
  const { rows } = await sql`
    with replaced as (
      update one_time_tokens set code_hash = ${hash}::bytea, code_sent_at = ${sentAt}
      where ${good} and attempts_left > 0 and (code_sent_at is null or code_sent_at <= ${sinceBefore})
      returning hash
    ) ${furtherParts('mail', [mail], sql`exists (select from replaced)`)}
    select 1 from replaced`.execute(em.getKysely());
  return rows.length === 1;
}
