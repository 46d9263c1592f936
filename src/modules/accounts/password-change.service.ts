import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { Clock } from '../../common/clock.js';
import type { RequestContext } from '../../common/context.js';
import { assertThat, invalidCredentials, unauthenticated } from '../../common/errors.js';
import { requireUser } from '../../common/require-user.js';
import { parseInput } from '../../common/validation.js';
import type { UserViewer } from '../../common/viewer.js';
import type { TokenPair } from '../auth/auth.types.js';
import type { Notifier } from '../auth/notices/notifier.js';
import { deliver, presentedRefreshToken } from '../auth/refresh-cookie.js';
import type { Revoker } from '../auth/revocation/revoker.js';
import type { NewRefreshToken, TokenHolder } from '../auth/sessions/refresh-token.queries.js';
import type { Admission } from '../auth/sign-in/admission.js';
import type { ConfirmedUser, PasswordConfirmation } from '../auth/step-up/password-confirmation.js';
import type { TokenIssuer } from '../auth/tokens/token-issuer.js';
import type { TokenReader } from '../auth/tokens/token-reader.js';
import { originOf, type RequestOrigin } from '../security-events/event-origin.js';
import type { NewPasswords } from '../users/new-passwords.js';
import { renewSession, replacePassword, spareSession } from './password.queries.js';
import { type ChangePasswordInput, changePasswordRules } from './password.types.js';

/** Gives the caller another password: every other session ends, and this one goes on with new tokens. */
export class PasswordChangeService {
  constructor(
    private readonly passwords: PasswordConfirmation,
    private readonly newPasswords: NewPasswords,
    private readonly admission: Admission,
    private readonly issuer: TokenIssuer,
    private readonly reader: TokenReader,
    private readonly revoker: Revoker,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  /** Throws BAD_USER_INPUT, INVALID_CREDENTIALS for a wrong current password, or RATE_LIMITED. */
  async change(context: RequestContext, input: ChangePasswordInput): Promise<TokenPair> {
    const viewer = requireUser(context.viewer);
    const { em } = context;
    const origin = originOf(context);
    const byCookie = await this.isCookieOf(context, viewer);
    const { currentPassword, newPassword } = parseInput(changePasswordRules, input);
    const confirmed = await this.passwords.confirm(em, viewer, currentPassword, origin);
    const admitted = await this.admission.require(em, viewer.id);
    const passwordHash = await this.newPasswords.accept(newPassword, confirmed.user, ['input', 'newPassword']);
    const token = this.issuer.newRefreshToken();
    const { holder, obey } = await em.transactional((tx) =>
      this.replace(tx, viewer, confirmed, passwordHash, token, origin),
    );
    obey();
    const tokens = this.issuer.issue(holder, token, await admitted.claimsOf(holder.user));
    return deliver(context, tokens, byCookie);
  }

  private async replace(
    tx: EntityManager,
    { sessionId }: UserViewer,
    confirmed: ConfirmedUser,
    passwordHash: string,
    token: NewRefreshToken,
    origin: RequestOrigin,
  ): Promise<{ holder: TokenHolder; obey(): unknown }> {
    const userId = confirmed.user.id;
    await spareSession(tx, sessionId);
    const changed = await replacePassword(tx, {
      userId,
      passwordHash,
      condition: sql`password_hash = ${confirmed.passwordHash}`,
      provenEmail: null,
      now: new Date(this.clock.now()),
    });
    assertThat(changed, invalidCredentials);
    const holder = await renewSession(tx, changed, sessionId, token, origin);
    assertThat(holder, () => unauthenticated('REVOKED'));
    const { tokenVersion } = changed;
    const target = { userId, sessionId, tokenVersion };
    const { obey } = await this.revoker.revokeWithin(tx, 'PASSWORD_CHANGED', target, origin);
    await this.notifier.notify(tx, changed.user, 'passwordChanged', origin, {});
    return { holder, obey };
  }

  /** Whether the refresh token's cookie came along and is of the caller's session: then the new one goes there, too. */
  private async isCookieOf(context: RequestContext, { sessionId }: UserViewer): Promise<boolean> {
    const presented = presentedRefreshToken(context, null);
    if (presented === null) return false;
    const claims = await this.reader.readOrNull(presented.token);
    return claims?.tokenType === 'refresh' && claims.sessionId === sessionId;
  }
}
