import type { EntityManager } from '@mikro-orm/sql';
import { z } from 'zod';
import type { Clock } from '../../../common/clock.js';
import { assertThat, invalidCredentials } from '../../../common/errors.js';
import { newId } from '../../../common/ids.js';
import { networkOf } from '../../../common/network.js';
import { parseInput, text } from '../../../common/validation.js';
import type { PasswordHasher } from '../../users/password-hasher.js';
import type { Device } from '../sessions/session.statements.js';
import type { IssuedTokens, TokenIssuer } from '../tokens/token-issuer.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import { type Credentials, findCredentials, openSession } from './sign-in.statements.js';

export interface SignInInput {
  /** User name or e-mail address. */
  readonly username: string;
  readonly password: string;
}

/** Only what could be an account's; the rules for new names and passwords do not bind old ones. */
const rules = z.object({ username: text({ max: 254 }), password: text({ max: 256 }) });

/** Opens a session for a name and a password. */
export class SignInService {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly limiter: AttemptLimiter,
    private readonly issuer: TokenIssuer,
    private readonly updateLastLogin: boolean,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws INVALID_CREDENTIALS, the same and after the same work for an unknown name, a wrong password and an inactive
   * account, or RATE_LIMITED before any of that work.
   */
  async signIn(em: EntityManager, input: SignInInput, device: Device): Promise<IssuedTokens> {
    const { username, password } = parseInput(rules, input);
    const network = networkOf(device.ipAddress);
    const credentials = await findCredentials(em, username);
    const account = credentials?.userId ?? username.toLowerCase();
    const attempt = await this.limiter.count(em, { account, userId: credentials?.userId ?? null, network });
    const verified = await this.verify(credentials, password).catch(async (error: unknown) => {
      await this.limiter.takeBack(em, attempt);
      throw error;
    });
    assertThat(verified, invalidCredentials);
    const token = this.issuer.newRefreshToken();
    const holder = await openSession(em, {
      ...verified,
      sessionId: newId(this.clock),
      token,
      device,
      network,
      updateLastLogin: this.updateLastLogin,
    });
    assertThat(holder, invalidCredentials);
    await this.limiter.takeBack(em, attempt);
    return this.issuer.issue(holder, token);
  }

  private async verify(
    credentials: Credentials | null,
    password: string,
  ): Promise<{ credentials: Credentials; rehash: string | null } | null> {
    if (credentials === null) {
      await this.hasher.verifyAgainstNothing(password);
      return null;
    }
    const { valid, needsRehash } = await this.hasher.verify(credentials.passwordHash, password);
    if (!valid || !credentials.isActive) return null;
    return { credentials, rehash: needsRehash ? await this.hasher.hash(password) : null };
  }
}
