import type { EntityManager } from '@mikro-orm/sql';
import type { AnonymousViewer, Viewer } from '../../common/viewer.js';
import type { TokenSettings } from '../../config.js';
import { findForeignUserState } from './keys/foreign-user.queries.js';
import { type BearerLifetimes, longestBearerLifetime } from './revocation/retention.js';
import type { RevocationFeed } from './revocation/revocation-feed.js';
import type { RevocationList } from './revocation/revocation-list.js';
import { findAccessTokenState } from './sessions/session.queries.js';
import { type BearerClaims, type ForeignAccessClaims, TokenError } from './tokens/claims.js';
import type { TokenVerifier } from './tokens/token-verifier.js';

/** Makes the viewer out of the bearer header (RFC 6750, section 2.1). A bad header makes the caller anonymous, no more. */
export class Authenticator {
  private readonly headerTypes: ReadonlySet<string>;

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationList,
    private readonly feed: Pick<RevocationFeed, 'isCurrent'>,
    private readonly settings: Pick<TokenSettings, 'authHeaderTypes' | keyof BearerLifetimes>,
    private readonly isDatabaseUnavailable: (error: unknown) => boolean,
  ) {
    this.headerTypes = new Set(settings.authHeaderTypes.map((type) => type.toLowerCase()));
  }

  /** Costs no statement while the revocation channel is up; `em` is asked for only when it is down. */
  async authenticate(header: string | undefined, em: () => EntityManager): Promise<Viewer> {
    const [type = '', token, ...rest] = header?.trim().split(/ +/) ?? [];
    if (!this.headerTypes.has(type.toLowerCase())) return anonymous('MISSING');
    if (token === undefined || rest.length > 0) return anonymous('MALFORMED');
    try {
      const claims = await this.verifier.verifyBearer(token);
      if (claims.tokenType === 'foreign-access') return await this.admitForeigner(claims, em());
      return (await this.isRevoked(claims, em)) ? anonymous('REVOKED') : toViewer(claims);
    } catch (error) {
      if (error instanceof TokenError) return anonymous(error.reason);
      if (this.isDatabaseUnavailable(error)) return anonymous('UNAVAILABLE');
      throw error;
    }
  }

  /** Who the other issuer says it is; what they may do is what the database says, at each request (as in SimpleJWT). */
  private async admitForeigner(claims: ForeignAccessClaims, em: EntityManager): Promise<Viewer> {
    const { userId, sessionId } = claims;
    if (this.revocations.hasEnded(sessionId)) return anonymous('REVOKED');
    const state = await findForeignUserState(em, claims);
    if (!state?.userActive || state.revoked) return anonymous('REVOKED');
    return { kind: 'user', id: userId, role: state.role, sessionId, authenticatedAt: new Date(0) };
  }

  private async isRevoked(claims: BearerClaims, em: () => EntityManager): Promise<boolean> {
    if (this.revocations.isRevoked(claims)) return true;
    if (this.feed.isCurrent() && this.isRemembered(claims)) return false;
    const state = await findAccessTokenState(em(), claims);
    return !(state?.userActive && state.sessionLive && state.tokenVersion <= claims.tokenVersion);
  }

  /** The list forgets what ended longer ago than a token lives by today's settings; an older token may live longer. */
  private isRemembered({ issuedAt, expiresAt }: BearerClaims): boolean {
    return expiresAt.getTime() - issuedAt.getTime() <= longestBearerLifetime(this.settings);
  }
}

function anonymous(reason: AnonymousViewer['reason']): AnonymousViewer {
  return { kind: 'anonymous', reason };
}

function toViewer({ userId, role, sessionId, authenticatedAt }: BearerClaims): Viewer {
  return { kind: 'user', id: userId, role, sessionId, authenticatedAt };
}
