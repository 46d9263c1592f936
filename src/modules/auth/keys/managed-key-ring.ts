import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { serviceUnavailable } from '../../../common/errors.js';
import type { Logger } from '../../../common/logger.js';
import { type PairAlgorithm, typeFault } from '../../../config/keys.js';
import type { NotificationChannel } from '../../../database/notification-channel.js';
import { publicJwkOf, thumbprint, toPublished } from './key-pair.js';
import type { KeyRing, Signer } from './key-ring.js';
import { type KeyTimes, stateOf } from './key-state.js';
import type { KeyVault } from './key-vault.js';
import { SigningKeyError } from './signing-key.error.js';
import { findSigningKeys, type SigningKeyRow } from './signing-key.queries.js';

export const signingKeyChannel = 'postern_signing_keys';

/** The shortest time between two reads that requests cause, in milliseconds. */
const seekInterval = 1_000;

interface ManagedKey extends KeyTimes {
  readonly kid: string;
  readonly verifyingKey: KeyObject;
  /** Null: this instance cannot have it. */
  readonly signingKey: KeyObject | null;
  readonly published: JsonWebKey;
  /** Whether the row holds the private part. */
  readonly sealed: boolean;
}

interface Surroundings {
  readonly fork: () => EntityManager;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The managed keys, in memory: read at start, when the database announces a change, and when a token names a key that is
 * not known. What a key may do is judged at each use by the clock, so that it retires in time, whatever becomes of messages.
 */
export class ManagedKeyRing implements KeyRing {
  /** In the order of `findSigningKeys`. */
  private keys: readonly ManagedKey[] = [];
  private reading: Promise<unknown> = Promise.resolve();
  private seeking: Promise<void> | null = null;
  private soughtAt = Number.NEGATIVE_INFINITY;
  private readAt = Number.NEGATIVE_INFINITY;
  /** Whether a change was announced that could not be read yet. */
  private outdated = false;
  /** What was logged already. */
  private readonly told = new Set<string>();

  constructor(
    readonly algorithm: PairAlgorithm,
    private readonly channel: NotificationChannel,
    private readonly vault: KeyVault,
    private readonly surroundings: Surroundings,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  /** Reads the keys and listens for changes; throws SigningKeyError where none can sign, or KEY_ENCRYPTION_KEY is a wrong one. */
  async start(): Promise<void> {
    await this.read();
    this.refuseWrongEncryptionKey();
    if (!this.canSign()) throw new SigningKeyError(`No signing key can be used. ${this.whyNoneSigns()}`);
    await this.channel.start({
      onMessage: () => this.readLater(),
      onConnected: () => this.read(),
      onDisconnected: () => this.surroundings.logger.warn('The channel of signing keys is down: they are read again.'),
    });
  }

  async stop(): Promise<void> {
    await this.channel.close();
  }

  canSign(): boolean {
    return this.findSigner() !== undefined;
  }

  signer(): Signer {
    const signer = this.findSigner();
    if (signer === undefined) throw serviceUnavailable(seekInterval);
    return signer;
  }

  candidates(kid: string | undefined): readonly KeyObject[] {
    return this.accepted()
      .filter((key) => kid === undefined || key.kid === kid)
      .map(({ verifyingKey }) => verifyingKey);
  }

  /** While changes are not heard of, keys are read once a second: one that leaked is refused then as well. */
  async seek(kid: string | undefined): Promise<void> {
    const deaf = !this.channel.isCurrent() && this.elapsed() - this.readAt >= seekInterval;
    const due = this.outdated || deaf;
    const unknown = kid !== undefined && !this.keys.some((key) => key.kid === kid);
    if (!due && !(unknown && (this.seeking || this.elapsed() - this.soughtAt >= seekInterval))) return;
    if (this.seeking === null) this.soughtAt = this.elapsed();
    this.seeking ??= this.read().finally(() => {
      this.seeking = null;
    });
    await this.seeking;
  }

  jwks(): { keys: JsonWebKey[] } {
    // An empty set would be kept by caches.
    if (this.readAt === Number.NEGATIVE_INFINITY) throw serviceUnavailable(seekInterval);
    return { keys: this.accepted().map(({ published }) => published) };
  }

  private accepted(): readonly ManagedKey[] {
    const now = this.surroundings.clock.now();
    return this.keys.filter((key) => stateOf(key, now) !== 'retired');
  }

  /** The first of those that were activated, of which this instance has the private part. */
  private findSigner(): Signer | undefined {
    for (const { kid, signingKey, activatedAt } of this.accepted()) {
      if (signingKey && activatedAt !== null) return { kid, key: signingKey };
    }
    return undefined;
  }

  private whyNoneSigns(): string {
    return [...this.told].join(' ') || 'None that was activated is still accepted: see `npm run keys -- list`.';
  }

  private readLater(): void {
    this.read().catch((error: unknown) => {
      this.outdated = true;
      this.surroundings.logger.error(
        { err: error },
        'The signing keys cannot be read; they are when a token needs them.',
      );
    });
  }

  /** One after the other, so that what was read last is what counts. */
  private read(): Promise<void> {
    const run = this.reading.then(() => this.readNow());
    this.reading = run.catch(() => undefined);
    return run;
  }

  private async readNow(): Promise<void> {
    const startedAt = this.elapsed();
    const rows = await findSigningKeys(this.surroundings.fork(), this.algorithm);
    const keys = await Promise.all(rows.map((row) => this.toKey(row)));
    this.keys = keys.filter((key) => key !== null);
    this.readAt = startedAt;
    this.outdated = false;
  }

  private async toKey(row: SigningKeyRow): Promise<ManagedKey | null> {
    const { kid, activatedAt, retiresAt } = row;
    const verifyingKey = publicKeyOf(row, this.algorithm);
    if (!verifyingKey) {
      this.tell(`The public part of ${kid} is not that key, or does not fit ${this.algorithm}.`);
      return null;
    }
    const published = toPublished(verifyingKey, this.algorithm);
    const signingKey = await this.privateKeyOf(row);
    return { kid, verifyingKey, signingKey, published, activatedAt, retiresAt, sealed: row.privateKey !== null };
  }

  private async privateKeyOf(row: SigningKeyRow): Promise<KeyObject | null> {
    const known = this.keys.find(({ kid }) => kid === row.kid)?.signingKey;
    if (known) return known;
    if (stateOf(row, this.surroundings.clock.now()) === 'retired') return null;
    try {
      return await this.vault.open(row);
    } catch (error) {
      if (!(error instanceof SigningKeyError)) throw error;
      this.tell(error.message);
      return null;
    }
  }

  private tell(fault: string): void {
    if (this.told.has(fault)) return;
    this.told.add(fault);
    this.surroundings.logger.error(fault);
  }

  /** One key that does not open may be another's doing; if none does, this instance has the wrong one. */
  private refuseWrongEncryptionKey(): void {
    const sealed = this.accepted().filter((key) => key.sealed);
    if (!this.vault.opensSealed || sealed.length === 0 || sealed.some(({ signingKey }) => signingKey)) return;
    throw new SigningKeyError(
      'KEY_ENCRYPTION_KEY opens none of the signing keys in the database: it is not the key that encrypted them.',
    );
  }
}

/** Null for what is no key of this name and algorithm, however it got into the table. */
function publicKeyOf({ kid, publicJwk }: SigningKeyRow, algorithm: PairAlgorithm): KeyObject | null {
  try {
    const key = createPublicKey({ key: publicJwk, format: 'jwk' });
    return typeFault(algorithm, key) === undefined && thumbprint(publicJwkOf(key)) === kid ? key : null;
  } catch {
    return null;
  }
}
