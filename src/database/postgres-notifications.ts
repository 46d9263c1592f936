import { ListeningSession } from './listening-session.js';
import type { NotificationChannel, NotificationHandlers } from './notification-channel.js';
import { backoff, pause } from './timing.js';

/** LISTEN on PostgreSQL: one session after the other, each on a connection of its own. */
export class PostgresNotificationChannel implements NotificationChannel {
  private readonly url: string;
  private readonly name: string;
  private readonly log: (message: string) => void;
  private readonly closing = new AbortController();
  private session: ListeningSession | null = null;
  private loaded = false;
  private running: Promise<void> = Promise.resolve();

  constructor(url: string, name: string, log: (message: string) => void = () => undefined) {
    this.url = url;
    this.name = name;
    this.log = log;
  }

  async start(handlers: NotificationHandlers): Promise<void> {
    const firstTry = Promise.withResolvers<void>();
    this.running = this.keepUp(handlers, firstTry.resolve);
    await firstTry.promise;
  }

  isCurrent(): boolean {
    return this.loaded && (this.session?.isCurrent() ?? false);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.session?.close();
    await this.running;
  }

  private async keepUp(handlers: NotificationHandlers, onTried: () => void): Promise<void> {
    const { signal } = this.closing;
    let waits = backoff();
    while (!signal.aborted) {
      try {
        await this.runSession(handlers, () => {
          waits = backoff();
          onTried();
        });
      } catch (error) {
        if (!signal.aborted)
          this.log(`Not listening to the database: ${error instanceof Error ? error.message : String(error)}`);
      }
      onTried();
      await pause(waits.next().value, signal, { ref: false });
    }
    // Closed before the first try: nobody waits for one that never comes.
    onTried();
  }

  /** Connects, lets the owner load its state and lasts as long as the connection; rejects when any of it fails. */
  private async runSession(handlers: NotificationHandlers, onReady: () => void): Promise<void> {
    const session = new ListeningSession(this.url, this.name, (payload) => handlers.onMessage(payload));
    this.session = session;
    try {
      await session.open();
      // Awaited even if the connection is lost meanwhile: two loads at a time could end in the wrong order.
      await handlers.onConnected();
      try {
        session.assertOpen();
        this.loaded = true;
        // Said at once, in the very event that tells of the loss.
        session.onLost(() => {
          this.loaded = false;
        });
        onReady();
        await session.lost;
      } finally {
        this.loaded = false;
        if (!this.closing.signal.aborted) handlers.onDisconnected();
      }
    } finally {
      await session.close();
    }
  }
}
