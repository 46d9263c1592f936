import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import type { FactorMethod } from '../../../common/second-factor-method.js';
import type { Role } from '../../../common/viewer.js';
import { isRemembered } from '../devices/device.queries.js';
import type { Sighting } from './sightings.js';

/** What a sign-in needs to know of an account before it begins. */
export interface SignInAccount {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly role: Role;
  readonly isActive: boolean;
  readonly passwordHash: string;
  /** Raised with every change of the second factors. */
  readonly factorVersion: number;
  readonly factors: readonly FactorMethod[];
  readonly hasRecoveryCodes: boolean;
  /** Whether it was signed in to before from that network, and with that program. */
  readonly deviceKnown: boolean;
  /** What it shows as a remembered device of the account, if it is one now; else nothing. */
  readonly deviceHashes: readonly Buffer[];
}

/** What tells the device of a sign-in. */
export interface DeviceTraces extends Sighting {
  /** What its token as a remembered device may have been kept as. */
  readonly hashes: readonly Buffer[];
  readonly now: Date;
}

/** That neither the password nor a second factor has changed since the account was looked at; of the row of `users`. */
export function asItWas({ passwordHash, factorVersion }: SignInAccount): RawBuilder<unknown> {
  return sql`password_hash = ${passwordHash} and factor_version = ${factorVersion}`;
}

/** Looks an account up by user name or e-mail address, without regard to case. */
export function findAccountByName(
  em: EntityManager,
  name: string,
  traces: DeviceTraces,
): Promise<SignInAccount | null> {
  const column = name.includes('@') ? sql`lower(u.email)` : sql`lower(u.username)`;
  return findAccount(em, sql`${column} = lower(${name})`, traces);
}

export function findAccountById(
  em: EntityManager,
  userId: string,
  traces: DeviceTraces,
): Promise<SignInAccount | null> {
  return findAccount(em, sql`u.id = ${userId}::uuid`, traces);
}

async function findAccount(
  em: EntityManager,
  condition: RawBuilder<unknown>,
  { network, agent, hashes, now }: DeviceTraces,
): Promise<SignInAccount | null> {
  const { rows } = await sql<
    Omit<SignInAccount, 'deviceHashes' | 'emailVerifiedAt'> & { remembered: boolean; emailVerifiedAt: string | null }
  >`
    select u.id as "userId", u.username, u.email, u.email_verified_at as "emailVerifiedAt", u.role,
      u.is_active as "isActive", u.password_hash as "passwordHash", u.factor_version as "factorVersion",
      array(select method from second_factors where user_id = u.id order by method) as factors,
      exists (select from recovery_codes where user_id = u.id) as "hasRecoveryCodes",
      exists (select from known_networks where user_id = u.id and network = ${network})
        and exists (select from known_agents where user_id = u.id and agent = ${agent}) as "deviceKnown",
      ${isRemembered(sql`u.id`, { hashes, now })} as remembered
    from users u where ${condition}`.execute(em.getKysely());
  const [row] = rows;
  if (row === undefined) return null;
  const { remembered, emailVerifiedAt, ...account } = row;
  return {
    ...account,
    emailVerifiedAt: emailVerifiedAt === null ? null : new Date(emailVerifiedAt),
    deviceHashes: remembered ? hashes : [],
  };
}
