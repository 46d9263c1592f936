import type { EntityManager } from '@mikro-orm/sql';
import { assertThat, conflict, notFound } from '../../common/errors.js';
import { isId } from '../../common/ids.js';
import type { Connection } from '../../common/pagination/connection.js';
import type { CursorCodec } from '../../common/pagination/cursor.js';
import { paginate } from '../../common/pagination/paginate.js';
import { readRows } from '../../common/pagination/read-rows.js';
import { parseInput } from '../../common/validation.js';
import type { Role } from '../../common/viewer.js';
import type { Ending, Revoker } from '../auth/revocation/revoker.js';
import type { SecurityEventRecorder } from '../security-events/security-event.recorder.js';
import type { EventOrigin } from '../security-events/security-event.types.js';
import { findUsersByIds, type UserRow, userExists } from '../users/user.queries.js';
import { userList, usersRules } from './user-admin.list.js';
import { type ChangedUser, changeStanding, type Standing } from './user-admin.queries.js';
import type { UsersArguments } from './user-admin.types.js';

/** What admins see and do of accounts; that the caller is one has been checked. */
export class UserAdminService {
  constructor(
    private readonly cursors: CursorCodec,
    private readonly revoker: Revoker,
    private readonly events: SecurityEventRecorder,
  ) {}

  /** A page of all users; throws BAD_USER_INPUT with every broken rule. */
  page(em: EntityManager, args: UsersArguments): Connection<UserRow> {
    const request = parseInput(usersRules, args, []);
    return paginate(readRows(em), this.cursors, userList(request), request);
  }

  /** Access tokens with the old role end at once; a refresh gives out one with the new. Throws NOT_FOUND or CONFLICT. */
  async setRole(em: EntityManager, id: string, role: Role, origin: EventOrigin): Promise<UserRow> {
    return this.change(em, id, { role }, (tx, { user, tokenVersion }) =>
      this.revoker.revokeWithin(tx, 'ROLE_CHANGED', { userId: user.id, sessionId: null, tokenVersion }, origin, role),
    );
  }

  /** Closes an account, which ends all that it has out, or opens it again. Throws NOT_FOUND or CONFLICT. */
  async setActive(em: EntityManager, id: string, isActive: boolean, origin: EventOrigin): Promise<UserRow> {
    return this.change(em, id, { isActive }, async (tx, { user, tokenVersion }) => {
      const target = { userId: user.id, sessionId: null };
      if (!isActive) return this.revoker.revokeWithin(tx, 'DEACTIVATED', { ...target, tokenVersion }, origin);
      await this.events.record(tx, { type: 'user_activated', ...target, ...origin });
      return { obey: () => undefined };
    });
  }

  /** Ends all sessions of a user and returns how many live ones there were. Throws NOT_FOUND. */
  async revokeSessions(em: EntityManager, userId: string, origin: EventOrigin): Promise<number> {
    assertThat(isId(userId) && (await userExists(em, userId)), () => notFound('user'));
    const target = { userId: userId.toLowerCase(), sessionId: null };
    return this.revoker.revoke(em, 'SESSIONS_REVOKED', target, origin);
  }

  /** What a change entails happens together with it, and this instance obeys it after the commit; without a change nothing does. */
  private async change(
    em: EntityManager,
    id: string,
    standing: Standing,
    entail: (tx: EntityManager, changed: ChangedUser) => Promise<Pick<Ending, 'obey'>>,
  ): Promise<UserRow> {
    assertThat(isId(id), () => notFound('user'));
    const done = await em.transactional(async (tx) => {
      const changed = await changeStanding(tx, id, standing);
      return changed && { user: changed.user, entailed: await entail(tx, changed) };
    });
    if (done === null) return this.unchanged(em, id, standing);
    done.entailed.obey();
    return done.user;
  }

  private async unchanged(em: EntityManager, id: string, standing: Standing): Promise<UserRow> {
    const [user] = await findUsersByIds(em, [id]);
    assertThat(user, () => notFound('user'));
    const isSo = 'role' in standing ? user.role === standing.role : user.isActive === standing.isActive;
    assertThat(isSo, () => conflict([{ path: ['id'], message: 'is the last active admin, and there must be one' }]));
    return user;
  }
}
