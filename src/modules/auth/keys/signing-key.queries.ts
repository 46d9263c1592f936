import type { JsonWebKey } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { KeyTimes } from './key-state.js';

export interface SigningKeyRow extends KeyTimes {
  readonly kid: string;
  readonly algorithm: string;
  readonly publicJwk: JsonWebKey;
  /** Sealed; null where it lies in a file. */
  readonly privateKey: Buffer | null;
  readonly createdAt: Date;
}

interface RawKey {
  kid: string;
  algorithm: string;
  public_jwk: string;
  private_key: string | null;
  created_at: string;
  activated_at: string | null;
  retires_at: string | null;
}

/** Any number will do, so long as every version of Postern takes the same. */
const lockKey = 7_097_821_136;

/** Makes whoever else changes keys wait until this transaction is over. */
export async function lockSigningKeys(em: EntityManager): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(em.getKysely());
}

/**
 * Every key of the algorithm: the active one first, then those that it replaced, the last to retire first. That order does not
 * hang on when each was activated, for the machines that activate keys may differ about the time.
 */
export async function findSigningKeys(em: EntityManager, algorithm: string): Promise<SigningKeyRow[]> {
  // As texts, which both drivers hand over alike.
  const { rows } = await sql<RawKey>`
    select kid, algorithm, public_jwk::text, encode(private_key, 'base64') as private_key,
      created_at::text, activated_at::text, retires_at::text
    from signing_keys where algorithm = ${algorithm}
    order by activated_at is null, retires_at desc nulls first, created_at desc, kid`.execute(em.getKysely());
  return rows.map(toRow);
}

/** False if there is a key of this name already, be it for another algorithm. */
export async function insertSigningKey(em: EntityManager, row: SigningKeyRow): Promise<boolean> {
  const { kid, algorithm, publicJwk, privateKey, createdAt, activatedAt, retiresAt } = row;
  const { rows } = await sql`
    insert into signing_keys (kid, algorithm, public_jwk, private_key, created_at, activated_at, retires_at)
    values (${kid}, ${algorithm}, ${JSON.stringify(publicJwk)}::text::jsonb,
      decode(${privateKey?.toString('base64') ?? null}::text, 'base64'),
      ${createdAt}::timestamptz, ${activatedAt}::timestamptz, ${retiresAt}::timestamptz)
    on conflict (kid) do nothing returning kid`.execute(em.getKysely());
  return rows.length === 1;
}

/** The key signs from now on; returns the kids of those that signed and are accepted until `retiresAt` only. */
export async function activateSigningKey(em: EntityManager, key: SigningKeyRow, now: Date, retiresAt: Date) {
  const { rows } = await sql<{ kid: string }>`
    with activated as (
      update signing_keys set activated_at = ${now}::timestamptz, retires_at = null where kid = ${key.kid}
    )
    update signing_keys set retires_at = ${retiresAt}::timestamptz
    where kid <> ${key.kid} and algorithm = ${key.algorithm} and activated_at is not null and retires_at is null
    returning kid`.execute(em.getKysely());
  return rows.map(({ kid }) => kid);
}

export async function retireSigningKey(em: EntityManager, kid: string, retiresAt: Date): Promise<void> {
  const statement: RawBuilder<unknown> = sql`
    update signing_keys set retires_at = ${retiresAt}::timestamptz where kid = ${kid}`;
  await statement.execute(em.getKysely());
}

function toRow(raw: RawKey): SigningKeyRow {
  return {
    kid: raw.kid,
    algorithm: raw.algorithm,
    publicJwk: JSON.parse(raw.public_jwk),
    privateKey: raw.private_key === null ? null : Buffer.from(raw.private_key, 'base64'),
    createdAt: new Date(raw.created_at),
    activatedAt: toDate(raw.activated_at),
    retiresAt: toDate(raw.retires_at),
  };
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
