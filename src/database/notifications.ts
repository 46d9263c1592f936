import { EmbeddedNotificationChannel } from './embedded-notifications.js';
import type { NotificationChannel } from './notification-channel.js';
import type { Database } from './open.js';
import { PostgresNotificationChannel } from './postgres-notifications.js';

/** Makes the channel for the database's kind; throws RangeError unless the name is a plain lower-case identifier. */
export function createNotificationChannel(database: Database, name: string): NotificationChannel {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new RangeError(`"${name}" is not a plain channel name`);
  const { url } = database.settings;
  if (url === null) return new EmbeddedNotificationChannel(database, name);
  return new PostgresNotificationChannel(url, name, database.definition.log);
}
