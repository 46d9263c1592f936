import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../common/clock.js';
import type { ExportedTable } from '../../common/exported-table.js';
import type { UserViewer } from '../../common/viewer.js';
import type { RequestLimiter } from '../auth/limits/request-limiter.js';
import type { StepUp } from '../auth/step-up/step-up.js';
import type { RequestOrigin } from '../security-events/event-origin.js';
import type { SecurityEventRecorder } from '../security-events/security-event.recorder.js';
import { camelCase, exportedRows } from './export.queries.js';

/** It reads everything of a user. */
const exportLimit = { name: 'export', attempts: 10, window: 3_600_000 };

/** Hands users all that is stored about them (GDPR, article 15). */
export class ExportService {
  constructor(
    private readonly tables: readonly ExportedTable[],
    private readonly stepUp: StepUp,
    private readonly limiter: RequestLimiter,
    private readonly events: SecurityEventRecorder,
    private readonly clock: Clock,
  ) {}

  /** The rows of each table under its name. Throws what `StepUp` does, and RATE_LIMITED after ten in an hour. */
  async export(
    em: EntityManager,
    viewer: UserViewer,
    password: string | null,
    origin: RequestOrigin,
  ): Promise<Record<string, unknown>> {
    await this.stepUp.require(em, viewer, password, origin);
    await this.limiter.require(em, exportLimit, viewer.id);
    const { id: userId, sessionId } = viewer;
    await this.events.record(em, { ...origin, type: 'data_exported', userId, sessionId });
    const exported: Record<string, unknown> = { exportedAt: new Date(this.clock.now()).toISOString() };
    for (const table of this.tables) exported[camelCase(table.table)] = await exportedRows(em, table, userId);
    return exported;
  }
}
