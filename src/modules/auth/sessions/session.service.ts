import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import { assertThat, notFound, tokenNotValid } from '../../../common/errors.js';
import { isId } from '../../../common/ids.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { TokenReader } from '../tokens/token-reader.js';
import { findLiveSessions, type SessionRow } from './session.queries.js';
import type { SessionEnder } from './session-ender.js';

/** A session as one of its owner's requests sees it. */
export type SessionView = SessionRow & { readonly current: boolean };

export interface LogoutRequest {
  /** End this token's session instead of the caller's current one. */
  readonly refreshToken: string | null;
  readonly all: boolean;
}

/** A user's sessions, seen and ended by their owner. */
export class SessionService {
  constructor(
    private readonly reader: TokenReader,
    private readonly ender: SessionEnder,
    private readonly clock: Clock,
  ) {}

  async list(em: EntityManager, viewer: UserViewer): Promise<SessionView[]> {
    const sessions = await findLiveSessions(em, viewer.id, new Date(this.clock.now()));
    return sessions.map((session) => ({ ...session, current: session.id === viewer.sessionId }));
  }

  /** Ends one of the caller's live sessions; anybody else's, a dead one or no session at all is NOT_FOUND. */
  async revoke(em: EntityManager, viewer: UserViewer, id: string): Promise<SessionView> {
    const session = isId(id) ? (await this.list(em, viewer)).find((one) => one.id === id.toLowerCase()) : undefined;
    const ended = session ? await this.ender.end(em, { id: session.id, userId: viewer.id }, 'REVOKED') : 0;
    assertThat(session && ended > 0, () => notFound('session'));
    return session;
  }

  /** Ends the caller's current session, that of a token of theirs, or all of them; returns how many live ones ended. */
  async logOut(em: EntityManager, viewer: UserViewer, { refreshToken, all }: LogoutRequest): Promise<number> {
    const id = refreshToken === null ? viewer.sessionId : this.ownSessionOf(refreshToken, viewer);
    return this.ender.end(em, all ? { userId: viewer.id } : { id, userId: viewer.id }, 'LOGGED_OUT');
  }

  /**
   * Ends the session of a good token, whoever holds it (RFC 7009); a bad one changes nothing. Returns how many live
   * sessions ended, which is not for whoever merely holds a token to know.
   */
  async revokeToken(em: EntityManager, token: string): Promise<number> {
    const claims = this.reader.readOrNull(token);
    return claims ? this.ender.end(em, { id: claims.sessionId, userId: claims.userId }, 'REVOKED') : 0;
  }

  private ownSessionOf(refreshToken: string, viewer: UserViewer): string {
    const claims = this.reader.readRefresh(refreshToken);
    assertThat(claims.userId === viewer.id, () => tokenNotValid('MALFORMED'));
    return claims.sessionId;
  }
}
