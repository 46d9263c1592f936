import type { RequestContext } from '../../common/context.js';
import { PosternError } from '../../common/errors.js';
import type { UserViewer } from '../../common/viewer.js';
import { originOf } from '../security-events/event-origin.js';
import type { LogoutPayload, ObtainTokenInput, TokenInfo, TokenPair } from './auth.types.js';
import { deliver, presentedDeviceToken, presentedRefreshToken, requireRefreshToken } from './refresh-cookie.js';
import type { ChallengeService } from './second-factors/challenge.service.js';
import type { SecondFactorChallenge } from './second-factors/second-factor.types.js';
import type { RefreshService } from './sessions/refresh.service.js';
import type { LogoutRequest, SessionService } from './sessions/session.service.js';
import type { SignInService } from './sign-in/sign-in.service.js';
import type { TokenInspector } from './tokens/token-inspector.js';
import type { TokenIssuer } from './tokens/token-issuer.js';

/** The token operations of a request: joins the services that decide with the cookie that carries. */
export class AuthService {
  constructor(
    private readonly signIn: SignInService,
    private readonly issuer: TokenIssuer,
    private readonly refresh: RefreshService,
    private readonly sessions: SessionService,
    private readonly inspector: TokenInspector,
    private readonly challenges: ChallengeService,
  ) {}

  async obtainToken(context: RequestContext, input: ObtainTokenInput): Promise<TokenPair | SecondFactorChallenge> {
    const { em, request } = context;
    const cookie = input.cookie ?? false;
    const deviceToken = presentedDeviceToken(context, input.deviceToken ?? null);
    const answer = await this.signIn.signIn(
      em,
      { ...input, deviceToken },
      request,
      this.issuer.pair,
      (proof, methods) => this.challenges.begin(em, proof, methods, cookie, request),
    );
    return 'challengeToken' in answer ? answer : deliver(context, answer, cookie);
  }

  async refreshToken(context: RequestContext, argument: string | null): Promise<TokenPair> {
    const { token, byCookie } = requireRefreshToken(context, argument);
    try {
      return deliver(context, await this.refresh.refresh(context.em, token, context.request), byCookie);
    } catch (error) {
      if (byCookie && error instanceof PosternError && error.code === 'TOKEN_NOT_VALID') context.refreshCookie.clear();
      throw error;
    }
  }

  async verifyToken(context: RequestContext, token: string): Promise<TokenInfo> {
    return this.inspector.inspect(context.em, token);
  }

  async revokeToken(context: RequestContext, token: string): Promise<boolean> {
    await this.sessions.revokeToken(context.em, token, originOf(context));
    return true;
  }

  async logout(context: RequestContext, viewer: UserViewer, request: LogoutRequest): Promise<LogoutPayload> {
    const cookie = presentedRefreshToken(context, request.refreshToken)?.byCookie ? context.refreshCookie.value : null;
    // Told before it ends: afterwards the caller is nobody.
    const origin = originOf(context);
    const sessionsEnded = await this.sessions.logOut(context.em, viewer, request, origin);
    if (cookie === null) return { sessionsEnded };
    const endedByCookie = await this.sessions.revokeToken(context.em, cookie, origin);
    context.refreshCookie.clear();
    return { sessionsEnded: sessionsEnded + endedByCookie };
  }
}
