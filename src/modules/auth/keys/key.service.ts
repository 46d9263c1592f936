import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { PairAlgorithm } from '../../../config/keys.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { SecurityEventType } from '../../security-events/security-event.types.js';
import { makePrivateKey, publicJwkOf, thumbprint } from './key-pair.js';
import { cacheTime, type KeyState, stateOf } from './key-state.js';
import type { KeyVault } from './key-vault.js';
import { SigningKeyError } from './signing-key.error.js';
import {
  activateSigningKey,
  findSigningKeys,
  insertSigningKey,
  lockSigningKeys,
  retireSigningKey,
  type SigningKeyRow,
} from './signing-key.queries.js';

/** The clocks of instances may be behind by so much, in milliseconds: a key that leaked is refused by them at once as well. */
const clockSkew = 60_000;

/** A key as operators see it. */
export interface KeyInfo extends Omit<SigningKeyRow, 'publicJwk' | 'privateKey'> {
  readonly state: KeyState;
  /** From when on others have had the time to read it in the JWK Set. */
  readonly activatableAt: Date;
}

/** The life of managed keys. Changes are made one at a time, each in a transaction with its security event. */
export class KeyService {
  constructor(
    private readonly vault: KeyVault,
    private readonly events: SecurityEventRecorder,
    private readonly settings: { readonly algorithm: PairAlgorithm; readonly overlap: number },
    private readonly clock: Clock,
  ) {}

  async list(em: EntityManager): Promise<KeyInfo[]> {
    const rows = await findSigningKeys(em, this.settings.algorithm);
    return rows.map((row) => this.toInfo(row));
  }

  /** Makes a key that is published and accepted, but signs nothing yet. */
  async generate(em: EntityManager): Promise<KeyInfo> {
    const key = await makeNameableKey(this.settings.algorithm);
    return this.change(em, (tx) => this.add(tx, key, { active: false }));
  }

  /** The key signs from now on; throws SigningKeyError while others may not know it yet, unless `force`. */
  async activate(em: EntityManager, prefix: string, { force }: { force: boolean }): Promise<KeyInfo> {
    return this.change(em, async (tx) => {
      const { row, info } = await this.find(tx, prefix);
      if (info.state === 'retired') throw new SigningKeyError(`${row.kid} is retired; generate another key.`);
      if (info.state === 'active') throw new SigningKeyError(`${row.kid} signs already.`);
      await this.vault.open(row);
      if (!force) this.refuseEarly(info);
      const now = new Date(this.clock.now());
      const retiresAt = this.endOfOverlap();
      const replaced = await activateSigningKey(tx, row, now, retiresAt);
      await this.record(tx, 'signing_key_activated', row.kid);
      for (const kid of replaced) await this.record(tx, 'signing_key_retired', kid);
      return this.toInfo({ ...row, activatedAt: now, retiresAt: null });
    });
  }

  /** The key is refused after the overlap, or `atOnce`; throws SigningKeyError for the one that signs. */
  async retire(em: EntityManager, prefix: string, { atOnce }: { atOnce: boolean }): Promise<KeyInfo> {
    return this.change(em, async (tx) => {
      const { row, info } = await this.find(tx, prefix);
      this.refuseRetirement(info, atOnce);
      const retiresAt = this.retirementOf(info, atOnce);
      await retireSigningKey(tx, row.kid, retiresAt);
      await this.record(tx, 'signing_key_retired', row.kid);
      return this.toInfo({ ...row, retiresAt });
    });
  }

  /**
   * Makes the first key where there is none: of the one that was configured so far, so that its tokens stay good, or a
   * new one. Of many instances at once, one does it. Returns null where there are keys.
   */
  async makeFirst(em: EntityManager, configured: string | null): Promise<KeyInfo | null> {
    const { algorithm } = this.settings;
    if ((await findSigningKeys(em, algorithm)).length > 0) return null;
    const key = configured === null ? await makeNameableKey(algorithm) : createPrivateKey(configured);
    return this.change(em, async (tx) => {
      if ((await findSigningKeys(tx, algorithm)).length > 0) return null;
      return this.add(tx, key, { active: true });
    });
  }

  private change<T>(em: EntityManager, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return em.transactional(async (tx) => {
      await lockSigningKeys(tx);
      return work(tx);
    });
  }

  private async add(tx: EntityManager, key: KeyObject, { active }: { active: boolean }): Promise<KeyInfo> {
    const now = new Date(this.clock.now());
    const publicJwk = publicJwkOf(key);
    const kid = thumbprint(publicJwk);
    const row: SigningKeyRow = {
      kid,
      algorithm: this.settings.algorithm,
      publicJwk,
      privateKey: await this.vault.put(kid, key),
      createdAt: now,
      activatedAt: active ? now : null,
      retiresAt: null,
    };
    if (!(await insertSigningKey(tx, row))) {
      throw new SigningKeyError(`The key ${kid} is kept for another algorithm already; configure another one.`);
    }
    await this.record(tx, 'signing_key_generated', kid);
    if (active) await this.record(tx, 'signing_key_activated', kid);
    return this.toInfo(row);
  }

  private async find(em: EntityManager, prefix: string): Promise<{ row: SigningKeyRow; info: KeyInfo }> {
    const rows = await findSigningKeys(em, this.settings.algorithm);
    const [row, ...others] = rows.filter(({ kid }) => kid === prefix || (prefix !== '' && kid.startsWith(prefix)));
    if (row === undefined) throw new SigningKeyError(`No key begins with ${JSON.stringify(prefix)}; see \`list\`.`);
    if (others.length > 0) throw new SigningKeyError(`Several keys begin with ${prefix}; give more of it.`);
    return { row, info: this.toInfo(row) };
  }

  private refuseEarly({ kid, state, activatableAt }: KeyInfo): void {
    if (state !== 'generated' || activatableAt.getTime() <= this.clock.now()) return;
    throw new SigningKeyError(
      `Services that verify tokens by the JWK Set may not know ${kid} before ${activatableAt.toISOString()}; wait, or give --now.`,
    );
  }

  private refuseRetirement({ kid, state, retiresAt }: KeyInfo, atOnce: boolean): void {
    if (state === 'active') throw new SigningKeyError(`${kid} signs; activate another key first.`);
    if (state === 'retired') throw new SigningKeyError(`${kid} is retired already.`);
    if (state === 'retiring' && !atOnce) {
      throw new SigningKeyError(
        `${kid} is retiring, and accepted until ${retiresAt?.toISOString()}; --now ends that at once.`,
      );
    }
  }

  private retirementOf({ state }: KeyInfo, atOnce: boolean): Date {
    if (atOnce) return new Date(this.clock.now() - clockSkew);
    // What never signed has no tokens out.
    return state === 'generated' ? new Date(this.clock.now()) : this.endOfOverlap();
  }

  private endOfOverlap(): Date {
    return new Date(this.clock.now() + this.settings.overlap);
  }

  private record(tx: EntityManager, type: SecurityEventType, kid: string): Promise<void> {
    const nobody = { userId: null, sessionId: null, actorId: null, ipAddress: null, userAgent: null };
    return this.events.record(tx, { ...nobody, type, detail: kid });
  }

  private toInfo({ publicJwk: _, privateKey: __, ...row }: SigningKeyRow): KeyInfo {
    const activatableAt = new Date(row.createdAt.getTime() + cacheTime(this.settings.overlap));
    return { ...row, state: stateOf(row, this.clock.now()), activatableAt };
  }
}

/** A name that begins with a dash would be taken for an option of a command. */
async function makeNameableKey(algorithm: PairAlgorithm): Promise<KeyObject> {
  for (;;) {
    const key = await makePrivateKey(algorithm);
    if (!thumbprint(publicJwkOf(key)).startsWith('-')) return key;
  }
}
