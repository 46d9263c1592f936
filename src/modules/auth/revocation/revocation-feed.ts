import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Logger } from '../../../common/logger.js';
import type { NotificationChannel } from '../../../database/notification-channel.js';
import type { RevocationList } from './revocation-list.js';

export const revocationChannel = 'postern_revocations';

const revocation = z.object({
  sessionId: z.string().nullable(),
  userId: z.string().nullable(),
  tokenVersion: z.number().int().nullable(),
});
type Revocation = z.infer<typeof revocation>;

/** A transaction may have stamped its revocation this long before it committed, in milliseconds. */
const commitDelay = 60_000;

/**
 * Keeps the revocation list of this instance up to date: it listens first and loads then, so that nothing can fall
 * between the two, at start and after every reconnect.
 */
export class RevocationFeed {
  /** When the list was last found to be current, by the monotonic clock. */
  private currentAt = performance.now();

  constructor(
    private readonly channel: NotificationChannel,
    private readonly list: RevocationList,
    private readonly retention: number,
    private readonly fork: () => EntityManager,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.channel.start({
      onMessage: (payload) => this.receive(payload),
      onConnected: () => this.load(),
      onDisconnected: () => this.logger.warn('The revocation channel is down: tokens are checked in the database.'),
    });
  }

  /** Whether the list holds all that was committed up to a second ago. */
  isCurrent(): boolean {
    const current = this.channel.isCurrent();
    if (current) this.currentAt = performance.now();
    return current;
  }

  /** For how long it has not been current, as far as anybody has asked, in milliseconds; 0 while it is. */
  deafFor(): number {
    return this.isCurrent() ? 0 : performance.now() - this.currentAt;
  }

  async stop(): Promise<void> {
    await this.channel.close();
  }

  private receive(payload: string): void {
    const parsed = revocation.safeParse(parseJson(payload));
    if (parsed.success) this.apply(parsed.data);
    else this.logger.error('A message on the revocation channel is not one of ours.');
  }

  private async load(): Promise<void> {
    const seconds = (this.retention + commitDelay) / 1000;
    const { rows } = await sql<{ session_id: string | null; user_id: string | null; token_version: number | null }>`
      select session_id, user_id, token_version from revocations
      where revoked_at > statement_timestamp() - make_interval(secs => ${seconds})
      order by revoked_at`.execute(this.fork().getKysely());
    for (const row of rows) {
      this.apply({ sessionId: row.session_id, userId: row.user_id, tokenVersion: row.token_version });
    }
  }

  private apply({ sessionId, userId, tokenVersion }: Revocation): void {
    if (sessionId !== null) this.list.endSession(sessionId);
    if (userId !== null && tokenVersion !== null) this.list.raiseTokenVersion(userId, tokenVersion);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
