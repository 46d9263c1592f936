import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { OneTimeTokenData } from '../auth/one-time-tokens/one-time-token.service.js';

/** What a notice told of that its user had not done. */
interface Disavowed {
  readonly userId: string;
  /** The address that the notice went to; null if nobody had shown that it is theirs: then it gets nothing back. */
  readonly provenEmail: string | null;
  /** What was done from then on was not the user's doing. */
  readonly since: Date;
  readonly now: Date;
  /** What the notice says besides of what is to be taken back. */
  readonly undo: OneTimeTokenData;
}

/** Takes one kind of thing back, in the transaction that ends the sessions. */
type Undo = (tx: EntityManager, disavowed: Disavowed) => Promise<void>;

/** Everything that “this was not me” takes back, whatever the notice was about: a thief may have gone on after it. */
export const undos: readonly Undo[] = [restoreEmail, removeFactors, removeRecoveryCodes, removePasskeys, forgetPlaces];

/** Also the user name, where it went along; the address was kept for the account, so nobody else has it. */
async function restoreEmail(tx: EntityManager, { userId, provenEmail, now }: Disavowed): Promise<void> {
  if (provenEmail === null) return;
  await sql`
    update users set email = ${provenEmail}, email_verified_at = ${now},
      username = case when lower(username) = lower(email) then ${provenEmail} else username end
    where id = ${userId}::uuid and lower(email) <> lower(${provenEmail})
      and not exists (select from users other where lower(other.email) = lower(${provenEmail}))`.execute(
    tx.getKysely(),
  );
}

async function removeFactors(tx: EntityManager, { userId, since, undo }: Disavowed): Promise<void> {
  await sql`
    delete from second_factors
    where user_id = ${userId}::uuid and (confirmed_at >= ${since} or method = ${textIn(undo, 'removeFactor')})`.execute(
    tx.getKysely(),
  );
}

/** Of those that somebody else may have seen, and where no factor is left that they would stand in for. */
async function removeRecoveryCodes(tx: EntityManager, { userId, since, undo }: Disavowed): Promise<void> {
  await sql`
    delete from recovery_codes
    where user_id = ${userId}::uuid and (
      ${textIn(undo, 'removeFactor')}::text is not null
      or not exists (select from second_factors where user_id = ${userId}::uuid)
      or exists (
        select from security_events
        where user_id = ${userId}::uuid and type = 'second_factor_changed' and created_at >= ${since}))`.execute(
    tx.getKysely(),
  );
}

async function removePasskeys(tx: EntityManager, { userId, since, undo }: Disavowed): Promise<void> {
  await sql`
    delete from passkeys
    where user_id = ${userId}::uuid and (created_at >= ${since} or id = ${textIn(undo, 'removePasskey')}::uuid)`.execute(
    tx.getKysely(),
  );
}

/** No device is spared the second factor any more, and where the thief signed in from is strange again. */
async function forgetPlaces(tx: EntityManager, { userId, since }: Disavowed): Promise<void> {
  await sql`
    with devices as (delete from remembered_devices where user_id = ${userId}::uuid),
      agents as (delete from known_agents where user_id = ${userId}::uuid and last_used_at >= ${since})
    delete from known_networks where user_id = ${userId}::uuid and last_used_at >= ${since}`.execute(tx.getKysely());
}

function textIn(data: OneTimeTokenData, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' ? value : null;
}
