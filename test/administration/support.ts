import type { TestApp } from '../support/app.js';
import { passwordOf, type TestClient } from '../support/client.js';

/** A signed-in admin, and the id of their account. */
export interface Admin {
  readonly client: TestClient;
  readonly id: string;
}

/** Makes an admin, who signs in at this instance. */
export async function admin(instance: TestApp, username = 'root'): Promise<Admin> {
  const input = { username, email: `${username}@example.com`, password: passwordOf(username) };
  const { id } = await instance.app.services.users.register(instance.app.database.fork(), input, 'ADMIN');
  const client = instance.client();
  await client.signIn(username);
  return { client, id };
}

/** Milliseconds until the client's access token is refused as revoked; gives up after five seconds. */
export async function timeToRefusal(client: TestClient): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { errors } = await client.query('{ me { id } }');
    if (errors[0]?.extensions.reason === 'REVOKED') return performance.now() - start;
    if (performance.now() - start > 5_000) throw new Error('The token is still accepted after five seconds.');
  }
}

export interface RecordedEvent {
  readonly type: string;
  readonly user_id: string | null;
  readonly actor_id: string | null;
  readonly session_id: string | null;
  readonly detail: string | null;
}

/** The security events about what admins do, oldest first. */
export async function administrativeEvents({ app }: TestApp): Promise<RecordedEvent[]> {
  const rows: RecordedEvent[] = await app.database.fork().execute(`
    select type, user_id, actor_id, session_id, detail
    from security_events join security_event_seals on event_id = id
    where type in ('role_changed', 'user_activated', 'user_deactivated', 'sessions_revoked', 'token_blacklisted')
    order by position`);
  return rows;
}
