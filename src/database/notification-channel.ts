export interface NotificationHandlers {
  onMessage(payload: string): void;
  /** Runs after LISTEN is active, at first and after every reconnect, to load what was missed; never twice at a time. */
  onConnected(): void | Promise<void>;
  /** Called once for every `onConnected` that succeeded, when its connection is lost; not on `close`. */
  onDisconnected(): void;
}

/** LISTEN on one channel of the database, kept up until it is closed. */
export interface NotificationChannel {
  /**
   * Resolves when the first try is over: with LISTEN active and `onConnected` done, or else it goes on trying in the
   * background after 0.25 s, 0.5 s … 5 s, as it does after a loss. On the embedded database there is nothing to wait for: there a failure rejects.
   */
  start(handlers: NotificationHandlers): Promise<void>;
  /** Whether every notification that was committed more than a second ago is known to have been delivered. */
  isCurrent(): boolean;
  close(): Promise<void>;
}
