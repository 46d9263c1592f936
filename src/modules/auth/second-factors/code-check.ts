import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { SealerRing } from '../../../common/sealer.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import type { Notified, Notifier } from '../notices/notifier.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { CodeAttempt } from './code-attempts.js';
import type { MailedCodes } from './mailed-codes.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { findTotp, hasRecoveryCode, useMailedCode, useRecoveryCode, useTotpStep } from './second-factor.queries.js';
import { totpStepOf } from './totp.js';

/** A code that is right. */
export interface RightCode {
  /** Whether it shows that the user reads the account's mail. */
  readonly verifiesEmail: boolean;
  /** Uses it up, in the transaction of what it lets in; false if somebody else has been faster. */
  spend(tx: EntityManager, user: Notified, device: Device): Promise<boolean>;
}

/** A code as it came, and what an attempt was taken of for it. */
export interface TypedCode {
  readonly method: SecondFactorMethod;
  readonly token: string;
  readonly code: string;
}

/** Tells right codes from wrong ones. To be asked once an attempt has been taken. */
export class CodeCheck {
  constructor(
    private readonly mailedCodes: MailedCodes,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly sealer: SealerRing,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  /** Null for a wrong code. */
  async check(
    em: EntityManager,
    { userId, codeHash }: CodeAttempt,
    { method, token, code }: TypedCode,
  ): Promise<RightCode | null> {
    switch (method) {
      case 'EMAIL':
        return codeHash && this.mailedCodes.matches(codeHash, token, code) ? this.mailed(userId) : null;
      case 'TOTP':
        return this.checkTotp(em, userId, code);
      case 'RECOVERY_CODE':
        return this.checkRecovery(em, userId, code);
    }
  }

  private mailed(userId: string): RightCode {
    return {
      verifiesEmail: true,
      // Its challenge is used up with it, and what was mailed for that is good for nothing else.
      spend: async (tx) => {
        await useMailedCode(tx, userId, new Date(this.clock.now()));
        return true;
      },
    };
  }

  /** Throws where nothing opens the secret: the key that encrypted it is gone, which no user can mend. */
  private async checkTotp(em: EntityManager, userId: string, code: string): Promise<RightCode | null> {
    const factor = await findTotp(em, userId);
    if (factor === null) return null;
    const secret = this.sealer.open(factor.secret, userId);
    if (secret === null) throw new Error('The secret of a second factor cannot be decrypted: its key is gone.');
    const step = totpStepOf(secret.toString(), code, this.clock.now());
    if (step === null || step <= factor.lastStep) return null;
    return {
      verifiesEmail: false,
      spend: (tx) => useTotpStep(tx, userId, step, new Date(this.clock.now())),
    };
  }

  private async checkRecovery(em: EntityManager, userId: string, code: string): Promise<RightCode | null> {
    const hashes = this.recoveryCodes.hashes(userId, code);
    if (!(await hasRecoveryCode(em, userId, hashes))) return null;
    return {
      verifiesEmail: false,
      spend: async (tx, user, device) => {
        const left = await useRecoveryCode(tx, userId, hashes);
        if (left === null) return false;
        await this.notifier.notify(tx, user, 'recoveryCodeUsed', device, { left });
        return true;
      },
    };
  }
}
