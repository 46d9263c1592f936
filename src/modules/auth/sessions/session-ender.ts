import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import { type EndReason, endSessions, type SessionSelector } from './session.queries.js';

/** The one way in which the server ends sessions. */
export class SessionEnder {
  constructor(
    private readonly revocations: RevocationList,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the sessions and returns how many of them were live. Other instances hear of it from the database; this one
   * does not wait for that, so that whoever gets the answer finds the access token dead.
   */
  async end(em: EntityManager, selector: SessionSelector, reason: EndReason): Promise<number> {
    const ended = await endSessions(em, selector, reason, new Date(this.clock.now()));
    for (const { id } of ended) this.revocations.endSession(id);
    return ended.filter((session) => session.wasLive).length;
  }
}
