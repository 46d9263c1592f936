import { PgliteConnection } from '@mikro-orm/pglite';
import type { NotificationChannel, NotificationHandlers } from './notification-channel.js';
import type { Database } from './open.js';

/** LISTEN on the embedded database: one process and one connection, so nothing can come between. */
export class EmbeddedNotificationChannel implements NotificationChannel {
  private readonly database: Database;
  private readonly name: string;
  private unlisten: (() => Promise<void>) | null = null;
  private current = false;

  constructor(database: Database, name: string) {
    this.database = database;
    this.name = name;
  }

  async start(handlers: NotificationHandlers): Promise<void> {
    const connection = this.database.orm.em.getConnection();
    if (!(connection instanceof PgliteConnection)) throw new TypeError('not an embedded database');
    const pglite = await connection.getNativeClient();
    this.unlisten = await pglite.listen(this.name, (payload) => handlers.onMessage(payload));
    await handlers.onConnected();
    this.current = true;
  }

  isCurrent(): boolean {
    return this.current;
  }

  async close(): Promise<void> {
    this.current = false;
    const unlisten = this.unlisten;
    this.unlisten = null;
    await unlisten?.();
  }
}
