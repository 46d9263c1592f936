import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { Passkey } from './passkey.entity.js';

/** What a passkey is checked by when it signs in. */
export type SigningPasskey = Pick<Passkey, 'id' | 'userId' | 'publicKey' | 'counter'>;

interface RawSigningPasskey {
  id: string;
  user_id: string;
  public_key: Uint8Array;
  counter: string;
}

export async function findPasskeyByCredentialId(
  em: EntityManager,
  credentialId: Buffer,
): Promise<SigningPasskey | null> {
  const { rows } = await sql<RawSigningPasskey>`
    select id, user_id, public_key, counter from passkeys where credential_id = ${credentialId}::bytea`.execute(
    em.getKysely(),
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { id: row.id, userId: row.user_id, publicKey: Buffer.from(row.public_key), counter: Number(row.counter) };
}

export interface PasskeyUse {
  readonly passkeyId: string;
  readonly counter: number;
  readonly backedUp: boolean;
  /** Uses the challenge up. */
  readonly spend: RawBuilder<unknown>;
  readonly now: Date;
}

/**
 * Notes that the passkey has answered the challenge, in one guarded statement: `used` only if nobody has answered it
 * before, the passkey is still there, and its counter has gone on (or is one that does not count).
 */
export async function usePasskey(
  em: EntityManager,
  { passkeyId, counter, backedUp, spend, now }: PasskeyUse,
): Promise<{ readonly fresh: boolean; readonly used: boolean }> {
  const { rows } = await sql<{ fresh: boolean; used: boolean }>`
    with spent as (${spend}), used as (
      update passkeys set counter = ${counter}::bigint, backed_up = ${backedUp}::boolean, last_used_at = ${now}
      where id = ${passkeyId}::uuid and exists (select from spent)
        and (counter < ${counter}::bigint or (counter = 0 and ${counter}::bigint = 0))
      returning id
    )
    select exists (select from spent) as fresh, exists (select from used) as used`.execute(em.getKysely());
  return rows[0] ?? { fresh: false, used: false };
}
