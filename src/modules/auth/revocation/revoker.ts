import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../../common/clock.js';
import type { Metrics } from '../../../common/metrics.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { EventOrigin } from '../../security-events/security-event.types.js';
import { challengePurposes, mailPurposes, type OneTimeTokenPurpose } from '../one-time-tokens/one-time-token.types.js';
import { endTokens, type RevocationTarget } from './revocation.queries.js';
import type { RevocationList } from './revocation-list.js';
import { type Revocation, type RevocationCause, revocationMatrix } from './revocation-matrix.js';

/** What the database has ended, while nobody knows yet whether its transaction commits. */
export interface Ending {
  /** How many sessions it has ended that were live. */
  readonly ended: number;
  /** Makes this instance obey; to be called after the commit, since what is rolled back has ended nothing. */
  obey(): void;
}

/** The one way in which the server ends sessions and tokens: as the revocation matrix says. */
export class Revoker {
  constructor(
    private readonly revocations: RevocationList,
    private readonly events: SecurityEventRecorder,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Does what the matrix says of the cause, records its security event, and returns how many live sessions ended. A
   * cause that only ends sessions is recorded if it ended one; a change of the user always is. Other instances hear of it
   * from the database; this one does not wait for that, so that whoever gets the answer finds the tokens dead.
   */
  async revoke(
    em: EntityManager,
    cause: RevocationCause,
    target: RevocationTarget,
    origin: EventOrigin,
    detail: string | null = null,
  ): Promise<number> {
    const { ended, obey } = await this.revokeWithin(em, cause, target, origin, detail);
    obey();
    return ended;
  }

  /** The same as a part of a transaction. `tokenVersion` is what a change of the user has raised theirs to. */
  async revokeWithin(
    tx: EntityManager,
    cause: RevocationCause,
    target: RevocationTarget & { readonly tokenVersion?: number },
    origin: EventOrigin,
    detail: string | null = null,
  ): Promise<Ending> {
    const effect: Revocation = revocationMatrix[cause];
    const { userId, sessionId, tokenVersion } = target;
    const event = { ...origin, type: effect.event, userId, sessionId, detail };
    const ended = await endTokens(tx, {
      target,
      sessions: { own: effect.refreshToken === 'ends', others: effect.otherSessions === 'ends' },
      reason: cause,
      purposes: endingPurposes(effect),
      devices: effect.rememberedDevices === 'ends',
      event: this.events.insert(event, effect.of === 'session' ? sql`exists (select from ended)` : sql`true`),
      now: new Date(this.clock.now()),
    });
    return {
      ended: ended.filter(({ wasLive }) => wasLive).length,
      obey: () => {
        for (const { id } of ended) this.revocations.endSession(id);
        if (tokenVersion !== undefined) this.revocations.raiseTokenVersion(userId, tokenVersion);
        if (effect.of === 'user' || ended.length > 0) this.metrics.revocation(cause);
      },
    };
  }
}

function endingPurposes({ challenges, mailTokens }: Revocation): OneTimeTokenPurpose[] {
  return [...(challenges === 'ends' ? challengePurposes : []), ...(mailTokens === 'ends' ? mailPurposes : [])];
}
