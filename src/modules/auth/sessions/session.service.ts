import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, notFound, tokenNotValid } from '../../../common/errors.js';
import { isId } from '../../../common/ids.js';
import type { Connection } from '../../../common/pagination/connection.js';
import type { CursorCodec } from '../../../common/pagination/cursor.js';
import { type PageArguments, pageRules } from '../../../common/pagination/page-arguments.js';
import { paginate } from '../../../common/pagination/paginate.js';
import type { ReadRows } from '../../../common/pagination/read-rows.js';
import { parseInput } from '../../../common/validation.js';
import type { UserViewer, Viewer } from '../../../common/viewer.js';
import type { EventOrigin } from '../../security-events/security-event.types.js';
import type { Revoker } from '../revocation/revoker.js';
import type { TokenReader } from '../tokens/token-reader.js';
import { type SessionView, sessionList } from './session.list.js';
import { findLiveSessions } from './session.queries.js';

export interface LogoutRequest {
  /** End this token's session instead of the caller's current one. */
  readonly refreshToken: string | null;
  readonly all: boolean;
}

/** A user's sessions: seen, also by admins, and ended by their owner. */
export class SessionService {
  constructor(
    private readonly reader: TokenReader,
    private readonly revoker: Revoker,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  async list(em: EntityManager, viewer: UserViewer): Promise<SessionView[]> {
    const sessions = await findLiveSessions(em, viewer.id, new Date(this.clock.now()));
    return sessions.map((session) => ({ ...session, current: session.id === viewer.sessionId }));
  }

  /** A page of a user's live sessions, for whoever may see them; throws BAD_USER_INPUT with every broken rule. */
  pageOfUser(read: ReadRows, viewer: Viewer, userId: string, args: PageArguments): Connection<SessionView> {
    const request = parseInput(pageRules, args, []);
    const currentId = viewer.kind === 'user' ? viewer.sessionId : null;
    return paginate(read, this.cursors, sessionList(userId, currentId, new Date(this.clock.now())), request);
  }

  /** Ends one of the caller's live sessions; anybody else's, a dead one or no session at all is NOT_FOUND. */
  async revoke(em: EntityManager, viewer: UserViewer, id: string, origin: EventOrigin): Promise<SessionView> {
    const session = isId(id) ? (await this.list(em, viewer)).find((one) => one.id === id.toLowerCase()) : undefined;
    const target = session && { userId: viewer.id, sessionId: session.id };
    const ended = target ? await this.revoker.revoke(em, 'SESSION_REVOKED', target, origin) : 0;
    assertThat(session && ended > 0, () => notFound('session'));
    return session;
  }

  /** Ends the caller's current session, that of a token of theirs, or all of them; returns how many live ones ended. */
  async logOut(
    em: EntityManager,
    viewer: UserViewer,
    { refreshToken, all }: LogoutRequest,
    origin: EventOrigin,
  ): Promise<number> {
    const sessionId = refreshToken === null ? viewer.sessionId : await this.ownSessionOf(refreshToken, viewer);
    const cause = all ? 'LOGGED_OUT_EVERYWHERE' : 'LOGGED_OUT';
    return this.revoker.revoke(em, cause, { userId: viewer.id, sessionId }, origin);
  }

  /**
   * Ends the session of a good token, whoever holds it (RFC 7009); a bad one changes nothing. Returns how many live
   * sessions ended, which is not for whoever merely holds a token to know.
   */
  async revokeToken(em: EntityManager, token: string, origin: EventOrigin): Promise<number> {
    const claims = await this.reader.readOrNull(token);
    if (claims === null) return 0;
    const { userId, sessionId } = claims;
    return this.revoker.revoke(em, 'TOKEN_REVOKED', { userId, sessionId }, origin);
  }

  private async ownSessionOf(refreshToken: string, viewer: UserViewer): Promise<string> {
    const claims = await this.reader.readRefresh(refreshToken);
    assertThat(claims.userId === viewer.id, () => tokenNotValid('MALFORMED'));
    return claims.sessionId;
  }
}
