import type { ClientBase } from 'pg';

/** What a session is told before anything else is asked of it. */
export interface SessionSettings {
  /** Milliseconds; 0 sets no limit. */
  readonly statementTimeout: number;
  /** Milliseconds; 0 sets no limit. */
  readonly idleInTransactionTimeout: number;
}

/**
 * Makes the session independent of what the server, the database and the role are set to: dates come as ISO 8601,
 * whatever order of day and month is the custom there. Rejects when there is no answer within `timeoutMs`.
 *
 * By SET, which every pooler in session mode passes on; PgBouncer refuses parameters of the start-up message that it
 * does not know: https://www.pgbouncer.org/config.html#ignore_startup_parameters
 */
export async function applySessionSettings(
  client: ClientBase,
  { statementTimeout, idleInTransactionTimeout }: SessionSettings,
  timeoutMs: number,
): Promise<void> {
  const query = {
    text: `set datestyle to 'ISO'; set statement_timeout to ${statementTimeout};
      set idle_in_transaction_session_timeout to ${idleInTransactionTimeout}`,
    query_timeout: timeoutMs,
  };
  await client.query(query);
}
