import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { noMetrics } from '../../src/common/metrics.js';
import { CursorCodec } from '../../src/common/pagination/cursor.js';
import { openDatabase } from '../../src/database/open.js';
import { OutstandingTokenService } from '../../src/modules/administration/outstanding-token.service.js';
import { RevocationList } from '../../src/modules/auth/revocation/revocation-list.js';
import { Revoker } from '../../src/modules/auth/revocation/revoker.js';
import { SecurityEventRecorder } from '../../src/modules/security-events/security-event.recorder.js';
import { createTestDatabase, projectDefinition, type TestDatabaseKind } from '../support/databases.js';

/** A refresh token as its row has it, and so as a model of the table keeps it. */
export interface TokenRow {
  readonly jti: string;
  readonly userId: string;
  readonly expiresAt: Date;
  readonly rotated: boolean;
  readonly blacklisted: boolean;
}

/** The tokens' side of administration on a database of its own, without the layers above. */
export interface TokensDatabase {
  readonly service: OutstandingTokenService;
  readonly clock: { time: number; now(): number };
  readonly userIds: readonly [string, string];
  fork(): EntityManager;
  /** Writes the row, whether there is one of that id or not. */
  put(token: TokenRow): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openTokensDatabase(kind: TestDatabaseKind): Promise<TokensDatabase> {
  const testDatabase = await createTestDatabase(kind);
  const definition = { ...(await projectDefinition()), ...testDatabase.overrides };
  const database = await openDatabase(testDatabase.settings, definition);
  const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
  const revoker = new Revoker(new RevocationList(0), new SecurityEventRecorder(clock), noMetrics, clock);
  const cursors = new CursorCodec(Buffer.alloc(32, 7));
  const fork = () => database.orm.em.fork();
  const userIds = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'] as const;
  for (const id of userIds) {
    await sql`insert into users (id, username, email, password_hash, role, created_at)
      values (${id}, ${id}, ${id}, 'none', 'USER', ${new Date(clock.time)})`.execute(fork().getKysely());
    await sql`insert into sessions (id, user_id, created_at, last_used_at, expires_at)
      select id, id, created_at, created_at, created_at from users where id = ${id}`.execute(fork().getKysely());
  }

  return {
    service: new OutstandingTokenService(cursors, revoker, 0, clock),
    clock,
    userIds,
    fork,
    async put({ jti, userId, expiresAt, rotated, blacklisted }) {
      const at = new Date(clock.time);
      await sql`
        insert into refresh_tokens (jti, session_id, user_id, issued_at, expires_at, rotated_at, blacklisted_at)
        values (${jti}::uuid, ${userId}::uuid, ${userId}::uuid, ${at}, ${expiresAt},
          ${rotated ? at : null}, ${blacklisted ? at : null})
        on conflict (jti) do update set rotated_at = excluded.rotated_at, blacklisted_at = excluded.blacklisted_at`.execute(
        fork().getKysely(),
      );
    },
    async clear() {
      await sql`delete from refresh_tokens`.execute(fork().getKysely());
    },
    async close() {
      await database.close();
      await testDatabase.drop();
    },
  };
}
