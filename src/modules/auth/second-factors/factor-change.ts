import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, invalidCredentials, notFound, unauthenticated } from '../../../common/errors.js';
import type { FactorMethod, SecondFactorMethod } from '../../../common/second-factor-method.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { UserRow } from '../../users/user.queries.js';
import type { Notifier } from '../notices/notifier.js';
import type { Revoker } from '../revocation/revoker.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { RecoveryCodes } from './recovery-codes.js';
import {
  beginChange,
  deleteFactor,
  deleteRecoveryCodes,
  type NewFactor,
  putFactor,
  replaceRecoveryCodes,
} from './second-factor.queries.js';
import type { SecondFactorConfirmation } from './second-factor.types.js';

/** Who changes their factors, from where. */
export interface FactorOwner {
  readonly viewer: UserViewer;
  readonly device: Device;
}

/**
 * Changes the second factors of an account, each time in one transaction: what the revocation matrix says ends, the user
 * is told, and who signs in meanwhile notices. The user's row is locked first, as it is at a sign-in.
 */
export class FactorChange {
  constructor(
    private readonly recoveryCodes: RecoveryCodes,
    private readonly revoker: Revoker,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  /** Adds a factor or replaces the one of its kind; `spend` uses up its enrolment. With the first one come recovery codes. */
  async add(
    em: EntityManager,
    owner: FactorOwner,
    factor: Pick<NewFactor, 'method' | 'secret' | 'lastStep'>,
    spend: (tx: EntityManager) => Promise<void>,
  ): Promise<SecondFactorConfirmation> {
    const { id: userId } = owner.viewer;
    const { method } = factor;
    const confirmedAt = new Date(this.clock.now());
    return this.change(em, owner, method, async (tx) => {
      const verifiedAt = method === 'EMAIL' ? confirmedAt : null;
      const changing = await beginChange(tx, userId, { verifiedAt });
      assertThat(changing, () => unauthenticated('REVOKED'));
      await spend(tx);
      const added = await putFactor(tx, { ...factor, userId, confirmedAt });
      const recoveryCodes = changing.factors.length === 0 ? await this.replaceCodes(tx, userId) : [];
      const undo = { removeFactor: method };
      await this.notifier.notify(tx, changing.user, 'secondFactorAdded', owner.device, { method }, undo);
      return { factor: added, recoveryCodes };
    });
  }

  /** Recovery codes go with the last one. Throws NOT_FOUND, or INVALID_CREDENTIALS if the password has changed since. */
  async remove(em: EntityManager, owner: FactorOwner, method: FactorMethod, passwordHash: string): Promise<UserRow> {
    const { id: userId } = owner.viewer;
    return this.change(em, owner, method, async (tx) => {
      const changing = await beginChange(tx, userId, { passwordHash });
      assertThat(changing, invalidCredentials);
      assertThat(changing.factors.includes(method), () => notFound('second factor'));
      await this.deleteWithCodes(tx, userId, method, changing.factors);
      await this.notifier.notify(tx, changing.user, 'secondFactorRemoved', owner.device, { method });
      return changing.user;
    });
  }

  /** Ten new codes instead of all old ones. Throws as `remove` does. */
  async renewCodes(em: EntityManager, owner: FactorOwner, passwordHash: string): Promise<string[]> {
    const { id: userId } = owner.viewer;
    return this.change(em, owner, 'RECOVERY_CODE', async (tx) => {
      const changing = await beginChange(tx, userId, { passwordHash });
      assertThat(changing, invalidCredentials);
      assertThat(changing.factors.length > 0, () => notFound('second factor'));
      const codes = await this.replaceCodes(tx, userId);
      await this.notifier.notify(tx, changing.user, 'recoveryCodesRenewed', owner.device, {});
      return codes;
    });
  }

  /** Takes back what a thief has added, in the transaction of whoever ends the sessions: it neither ends nor tells anything. */
  async takeBack(tx: EntityManager, userId: string, method: FactorMethod): Promise<void> {
    const changing = await beginChange(tx, userId, {});
    if (changing) await this.deleteWithCodes(tx, userId, method, changing.factors);
  }

  private async deleteWithCodes(
    tx: EntityManager,
    userId: string,
    method: FactorMethod,
    factors: readonly FactorMethod[],
  ): Promise<void> {
    await deleteFactor(tx, userId, method);
    if (factors.every((one) => one === method)) await deleteRecoveryCodes(tx, userId);
  }

  private async replaceCodes(tx: EntityManager, userId: string): Promise<string[]> {
    const codes = this.recoveryCodes.make();
    const hashes = codes.map((code) => this.recoveryCodes.hash(userId, code));
    await replaceRecoveryCodes(tx, userId, hashes);
    return codes;
  }

  /** Does the work in one transaction with what it ends. */
  private async change<T>(
    em: EntityManager,
    { viewer, device }: FactorOwner,
    method: SecondFactorMethod,
    work: (tx: EntityManager) => Promise<T>,
  ): Promise<T> {
    const { id: userId, sessionId } = viewer;
    const { ipAddress, userAgent } = device;
    const origin = { actorId: userId, ipAddress, userAgent };
    const { result, obey } = await em.transactional(async (tx) => {
      const result = await work(tx);
      const target = { userId, sessionId };
      const { obey } = await this.revoker.revokeWithin(tx, 'SECOND_FACTOR_CHANGED', target, origin, method);
      return { result, obey };
    });
    obey();
    return result;
  }
}
