import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Role } from '../../../common/viewer.js';
import type { ForeignAccessClaims } from '../tokens/claims.js';

/** What the database says of whom another issuer vouches for. */
export interface ForeignUserState {
  readonly role: Role;
  readonly userActive: boolean;
  /** The session that the token names has ended, or the password has changed since it was issued. */
  readonly revoked: boolean;
}

/** Null when there is no such user. */
export async function findForeignUserState(
  em: EntityManager,
  { userId, sessionId, issuedAt }: ForeignAccessClaims,
): Promise<ForeignUserState | null> {
  // Tokens count in whole seconds, so that one from the second of the change may be older than it.
  const { rows } = await sql<{ role: Role; is_active: boolean; revoked: boolean }>`
    select role, is_active, coalesce(password_changed_at >= ${issuedAt}::timestamptz, false) or exists (
      select from sessions s where s.id = ${sessionId}::uuid and s.ended_at is not null) as revoked
    from users where id = ${userId}::uuid`.execute(em.getKysely());
  const row = rows[0];
  return row ? { role: row.role, userActive: row.is_active, revoked: row.revoked } : null;
}
