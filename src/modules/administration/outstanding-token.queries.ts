import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { RefreshToken } from '../auth/sessions/refresh-token.entity.js';
import { statusOf } from './outstanding-token.status.js';
import type { OutstandingToken } from './outstanding-token.types.js';

/** A token as the database driver hands it over. */
export interface RawToken {
  jti: string;
  user_id: string;
  session_id: string;
  state: RefreshToken['state'];
  issued_at: string;
  expires_at: string;
  rotated_at: string | null;
  blacklisted_at: string | null;
}

export const tokenColumns = sql`jti, user_id, session_id, state, issued_at, expires_at, rotated_at, blacklisted_at`;

/** Tokens that expire at `expiredBy` or before count as expired. */
export function toOutstandingToken(row: RawToken, expiredBy: Date): OutstandingToken {
  const expiresAt = new Date(row.expires_at);
  return {
    jti: row.jti,
    userId: row.user_id,
    sessionId: row.session_id,
    status: statusOf(row.state, expiresAt <= expiredBy),
    createdAt: new Date(row.issued_at),
    expiresAt,
    rotatedAt: row.rotated_at === null ? null : new Date(row.rotated_at),
    blacklistedAt: row.blacklisted_at === null ? null : new Date(row.blacklisted_at),
  };
}

export async function findOutstandingToken(
  em: EntityManager,
  jti: string,
  expiredBy: Date,
): Promise<OutstandingToken | null> {
  const statement = sql<RawToken>`select ${tokenColumns} from refresh_tokens where jti = ${jti}::uuid`;
  const { rows } = await statement.execute(em.getKysely());
  return rows[0] ? toOutstandingToken(rows[0], expiredBy) : null;
}
