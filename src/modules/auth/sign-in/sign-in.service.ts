import type { EntityManager } from '@mikro-orm/sql';
import { z } from 'zod';
import type { Clock } from '../../../common/clock.js';
import { assertThat, invalidCredentials, PosternError } from '../../../common/errors.js';
import { newId } from '../../../common/ids.js';
import { networkOf } from '../../../common/network.js';
import { parseInput, text } from '../../../common/validation.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { PasswordHasher } from '../../users/password-hasher.js';
import type { UserRow } from '../../users/user.queries.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { TokenKind } from '../tokens/token-issuer.js';
import type { Admission } from './admission.js';
import type { Attempt, AttemptLimiter } from './attempt-limiter.js';
import type { LoginHooks } from './login-hooks.js';
import { type Credentials, findCredentials, openSession, type SignIn } from './sign-in.queries.js';
import { Turns } from './turns.js';

export interface SignInInput {
  /** User name or e-mail address. */
  readonly username: string;
  readonly password: string;
}

/** Only what could be an account's; the rules for new names and passwords do not bind old ones. */
const rules = z.object({ username: text({ max: 254 }), password: text({ max: 256 }) });

/** How many may wait to sign in to one account from one network. */
const longestLine = 100;

/** Opens a session for a name and a password. */
export class SignInService {
  /** One at a time: right passwords that arrive together must not look like so many failures to the limiter. */
  private readonly turns = new Turns(longestLine);

  constructor(
    private readonly hasher: PasswordHasher,
    private readonly limiter: AttemptLimiter,
    private readonly admission: Admission,
    private readonly hooks: LoginHooks,
    private readonly events: SecurityEventRecorder,
    private readonly updateLastLogin: boolean,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws INVALID_CREDENTIALS, the same and after the same work for an unknown name, a wrong password and an inactive
   * account, or RATE_LIMITED before any of that work.
   */
  async signIn<Tokens extends { readonly user: UserRow }>(
    em: EntityManager,
    input: SignInInput,
    device: Device,
    kind: TokenKind<Tokens>,
  ): Promise<Tokens> {
    const { username, password } = parseInput(rules, input);
    const network = networkOf(device.ipAddress);
    const credentials = await findCredentials(em, username);
    const userId = credentials?.userId ?? null;
    const attempt = { account: username.toLowerCase(), userId, network };
    const open = (found: Credentials | null) => this.open(em, found, password, { device, network }, kind);
    return this.told(username, device, () =>
      this.turns.take(`${attempt.account} ${network}`, () =>
        this.counted(em, attempt, async () => {
          // A parallel sign-in may have renewed the hash that was just checked: the new one deserves a second look.
          const tokens = (await open(credentials)) ?? (await open(await findCredentials(em, username)));
          assertThat(tokens, invalidCredentials);
          return tokens;
        }),
      ),
    );
  }

  private async told<Tokens extends { readonly user: UserRow }>(
    username: string,
    device: Device,
    signIn: () => Promise<Tokens>,
  ): Promise<Tokens> {
    try {
      const tokens = await signIn();
      this.hooks.succeeded(tokens.user, device);
      return tokens;
    } catch (error) {
      if (hasFailed(error)) this.hooks.failed(username, device);
      throw error;
    }
  }

  /** Counts the attempt before it is made; what does not end with INVALID_CREDENTIALS is taken back. */
  private async counted<T>(em: EntityManager, attempt: Attempt, make: () => Promise<T>): Promise<T> {
    const counted = await this.limiter.count(em, attempt);
    try {
      const result = await make();
      await this.limiter.takeBack(em, counted);
      return result;
    } catch (error) {
      if (!hasFailed(error)) await this.limiter.takeBack(em, counted);
      throw error;
    }
  }

  /** Null when the account changed while its password was being checked. */
  private async open<Tokens>(
    em: EntityManager,
    credentials: Credentials | null,
    password: string,
    sender: Pick<SignIn, 'device' | 'network'>,
    kind: TokenKind<Tokens>,
  ): Promise<Tokens | null> {
    const verified = await this.verify(credentials, password);
    const admitted = verified && (await this.admission.admit(em, verified.credentials.userId));
    if (verified === null || admitted === null) return this.refuse(em, credentials, sender.device);
    const { userId } = verified.credentials;
    const token = kind.begin();
    const sessionId = newId(this.clock);
    const { recorded } = kind;
    const { updateLastLogin } = this;
    const signIn = { ...verified, ...sender, sessionId, token, recorded, amr: ['pwd'], updateLastLogin };
    const event = { ...sender.device, type: 'signed_in', userId, actorId: userId, sessionId } as const;
    const holder = await openSession(em, signIn, (condition) => this.events.insert(event, condition));
    return holder && kind.issue(holder, token, await admitted.claimsOf(holder.user));
  }

  /** Who it was that failed nobody knows; whose account it was, only if there is one. What was typed is not recorded. */
  private async refuse(em: EntityManager, credentials: Credentials | null, device: Device): Promise<never> {
    const userId = credentials?.userId ?? null;
    await this.events.record(em, { ...device, type: 'sign_in_failed', userId, actorId: null, sessionId: null });
    throw invalidCredentials();
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

function hasFailed(error: unknown): boolean {
  return error instanceof PosternError && error.code === 'INVALID_CREDENTIALS';
}
