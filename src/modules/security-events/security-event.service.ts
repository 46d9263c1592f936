import type { EntityManager } from '@mikro-orm/sql';
import type { Connection } from '../../common/pagination/connection.js';
import type { CursorCodec } from '../../common/pagination/cursor.js';
import { type PageArguments, pageRules } from '../../common/pagination/page-arguments.js';
import { paginate } from '../../common/pagination/paginate.js';
import { readRows } from '../../common/pagination/read-rows.js';
import { parseInput } from '../../common/validation.js';
import type { UserViewer } from '../../common/viewer.js';
import type { SecurityEvent } from './security-event.entity.js';
import type { SecurityEventsArguments } from './security-event.inputs.js';
import { ownSecurityEventList, securityEventList, securityEventsRules } from './security-event.list.js';

/** Reads security events. Both throw BAD_USER_INPUT with every broken rule. */
export class SecurityEventService {
  constructor(private readonly cursors: CursorCodec) {}

  /** A page of everybody's, for admins. */
  page(em: EntityManager, args: SecurityEventsArguments): Connection<SecurityEvent> {
    const request = parseInput(securityEventsRules, args, []);
    return paginate(readRows(em), this.cursors, securityEventList(request.filter), request);
  }

  /** A page of what happened to the viewer. */
  pageOfViewer(em: EntityManager, viewer: UserViewer, args: PageArguments): Connection<SecurityEvent> {
    const request = parseInput(pageRules, args, []);
    return paginate(readRows(em), this.cursors, ownSecurityEventList(viewer.id), request);
  }
}
