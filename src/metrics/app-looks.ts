import type { PoolUse } from '../database/open.js';
import type { OutboxSize } from '../modules/outbox/outbox.queries.js';
import type { HashingLoad } from '../modules/users/password-hasher.js';
import type { Looks } from './looks.js';

/** Where it is found; only `outbox` may cost more than a look into memory. */
export interface AppState {
  readonly hashing: Readonly<Record<'sign_in' | 'registration', () => HashingLoad>>;
  /** Null where there is no pool. */
  pool(): PoolUse | null;
  /** Null while the database does not answer; asked twice for each scrape. */
  outbox(): Promise<OutboxSize | null>;
  /** For how long revocations may have gone unheard of, in milliseconds; 0 while they are heard of. */
  deafFor(): number;
  acceptedKeys(): number;
  canSign(): boolean;
}

/** All that is looked at in an app. */
export function lookAtApp(looks: Looks, state: AppState): void {
  lookAtHashing(looks, state);
  lookAtDatabase(looks, state);
  lookAtRevocations(looks, state);
  lookAtKeys(looks, state);
}

function lookAtHashing({ gauge, counter }: Looks, { hashing }: AppState): void {
  const queues = Object.entries(hashing);
  gauge({
    name: 'postern_password_hashes',
    help: 'Password hashes that run, or wait for their turn.',
    labelNames: ['queue', 'state'],
    collect() {
      for (const [queue, load] of queues) {
        const { running, waiting } = load();
        this.set({ queue, state: 'running' }, running);
        this.set({ queue, state: 'waiting' }, waiting);
      }
    },
  });
  counter({
    name: 'postern_password_hashes_refused_total',
    help: 'Password hashes that found their queue full.',
    labelNames: ['queue'],
    collect() {
      this.reset();
      for (const [queue, load] of queues) this.inc({ queue }, load().refused);
    },
  });
}

function lookAtDatabase({ gauge }: Looks, { pool, outbox }: AppState): void {
  gauge({
    name: 'postern_database_connections',
    help: 'Connections of the pool, and those who wait for one; on PostgreSQL.',
    labelNames: ['state'],
    collect() {
      const use = pool();
      if (use === null) return;
      this.set({ state: 'open' }, use.open);
      this.set({ state: 'idle' }, use.idle);
      this.set({ state: 'waiting' }, use.waiting);
    },
  });
  gauge({
    name: 'postern_database_up',
    help: 'Whether the database has answered this scrape.',
    async collect() {
      this.set((await outbox()) === null ? 0 : 1);
    },
  });
  gauge({
    name: 'postern_outbox_items',
    help: 'Mails that wait, or were given up; not known while the database is away.',
    labelNames: ['state'],
    async collect() {
      const size = await outbox();
      this.reset();
      if (size === null) return;
      this.set({ state: 'waiting' }, size.waiting);
      this.set({ state: 'failed' }, size.failed);
    },
  });
}

function lookAtRevocations({ gauge }: Looks, { deafFor }: AppState): void {
  gauge({
    name: 'postern_revocation_channel_current',
    help: 'Whether this instance hears of revocations.',
    collect() {
      this.set(deafFor() === 0 ? 1 : 0);
    },
  });
  gauge({
    name: 'postern_revocation_channel_deaf_seconds',
    help: 'For how long this instance has not heard of revocations.',
    collect() {
      this.set(deafFor() / 1_000);
    },
  });
}

function lookAtKeys({ gauge }: Looks, { acceptedKeys, canSign }: AppState): void {
  gauge({
    name: 'postern_signing_keys',
    help: 'Keys whose tokens are accepted.',
    collect() {
      this.set(acceptedKeys());
    },
  });
  gauge({
    name: 'postern_signing_key_ready',
    help: 'Whether there is a key for new tokens.',
    collect() {
      this.set(canSign() ? 1 : 0);
    },
  });
}
