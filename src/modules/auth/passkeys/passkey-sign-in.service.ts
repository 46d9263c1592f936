import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { RequestContext } from '../../../common/context.js';
import { assertThat, invalidCredentials, PosternError, tokenNotValid } from '../../../common/errors.js';
import type { Logger } from '../../../common/logger.js';
import type { Metrics } from '../../../common/metrics.js';
import { networkOf } from '../../../common/network.js';
import { parseInput } from '../../../common/validation.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { SecurityEventType } from '../../security-events/security-event.types.js';
import { countSignIn } from '../auth.metrics.js';
import type { TokenPair } from '../auth.types.js';
import { deliver } from '../refresh-cookie.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { SignInAccount } from '../sign-in/account.queries.js';
import type { AttemptLimiter } from '../sign-in/attempt-limiter.js';
import type { LoginHooks } from '../sign-in/login-hooks.js';
import type { SessionOpener } from '../sign-in/session-opener.js';
import type { SignInAccounts } from '../sign-in/sign-in-accounts.js';
import type { SignInGate } from '../sign-in/sign-in-gate.js';
import type { IssuedTokens, TokenIssuer } from '../tokens/token-issuer.js';
import { type SignInResponse, signInRules } from './passkey.rules.js';
import type { CompletePasskeySignInInput, PasskeyChallenge } from './passkey.types.js';
import { findPasskeyByCredentialId, type SigningPasskey, usePasskey } from './passkey-sign-in.queries.js';
import type { SignInChallenge, SignInChallenges } from './sign-in-challenges.js';
import { ceremonyTime, PasskeyRefused, type WebAuthn } from './web-authn.js';

/** A key that its user has unlocked is two factors in one (RFC 8176, section 2). */
const amr = ['hwk', 'user', 'mfa'];

/** What signing in by passkey stands on. */
interface Parts {
  readonly webAuthn: WebAuthn;
  readonly challenges: SignInChallenges;
  readonly accounts: SignInAccounts;
  readonly limiter: AttemptLimiter;
  readonly gate: SignInGate;
  readonly opener: SessionOpener;
  readonly issuer: TokenIssuer;
  readonly events: SecurityEventRecorder;
  readonly hooks: LoginHooks;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** What has come, and from whom. */
interface Answer {
  readonly response: SignInResponse;
  readonly challenge: SignInChallenge;
  readonly device: Device;
}

/** Whose passkey it is that has answered. */
interface Signer {
  readonly passkey: SigningPasskey;
  readonly account: SignInAccount;
}

/** Signs users in by passkey, without a name or a password. */
export class PasskeySignIn {
  constructor(private readonly parts: Parts) {}

  /** Nothing is kept of it. */
  async start(): Promise<PasskeyChallenge> {
    const { token, expiresAt } = this.parts.challenges.issue(ceremonyTime);
    return { token, expiresAt, options: await this.parts.webAuthn.signInOptions(bytesOf(token)) };
  }

  /**
   * Throws BAD_USER_INPUT for what no browser sends, TOKEN_NOT_VALID, or one and the same INVALID_CREDENTIALS for an unknown
   * passkey, a wrong signature and an inactive account; after a right one EMAIL_NOT_VERIFIED. Failures count as those of
   * passwords do: RATE_LIMITED.
   */
  async complete(context: RequestContext, input: CompletePasskeySignInInput): Promise<TokenPair> {
    const tokens = await countSignIn(this.parts.metrics, 'passkey', () => this.signIn(context, input));
    return deliver(context, tokens, input.cookie ?? false);
  }

  private async signIn({ em, request: device }: RequestContext, input: CompletePasskeySignInInput) {
    const { token, response } = parseInput(signInRules, input);
    const answer = { response, challenge: this.parts.challenges.open(token), device };
    const signer = await this.findSigner(em, answer);
    return this.counted(em, answer, signer, () => this.open(em, answer, signer));
  }

  private async findSigner(em: EntityManager, { response, device }: Answer): Promise<Signer | null> {
    const passkey = await findPasskeyByCredentialId(em, bytesOf(response.id));
    const account = passkey && (await this.parts.accounts.byId(em, passkey.userId, device));
    return account && { passkey, account };
  }

  /** Counts the attempt before it is made, and takes it back unless it ends with INVALID_CREDENTIALS. */
  private async counted<T>(
    em: EntityManager,
    { response, device }: Answer,
    signer: Signer | null,
    make: () => Promise<T>,
  ): Promise<T> {
    const { limiter, hooks } = this.parts;
    const userId = signer?.account.userId ?? null;
    // No name has a space in it.
    const account = `passkey ${response.id}`;
    const counted = await limiter.count(em, { account, userId, network: networkOf(device.ipAddress) });
    try {
      const result = await make();
      await limiter.takeBack(em, counted);
      return result;
    } catch (error) {
      if (!hasFailed(error)) await limiter.takeBack(em, counted);
      else if (signer) {
        await this.record(em, 'sign_in_failed', signer, device);
        hooks.failed(signer.account.username, device);
      }
      throw error;
    }
  }

  private async open(em: EntityManager, answer: Answer, signer: Signer | null): Promise<IssuedTokens> {
    const { gate, opener, issuer, clock, challenges } = this.parts;
    assertThat(signer, invalidCredentials);
    const { passkey, account } = signer;
    const { counter, backedUp } = await this.verify(em, answer, signer);
    assertThat(account.isActive, invalidCredentials);
    const claims = await gate.admit(em, account);
    const spend = async (tx: EntityManager) => {
      const now = new Date(clock.now());
      const use = { passkeyId: passkey.id, counter, backedUp, spend: challenges.spend(answer.challenge), now };
      const { fresh, used } = await usePasskey(tx, use);
      assertThat(fresh, () => tokenNotValid('REVOKED'));
      assertThat(used, invalidCredentials);
    };
    const tokens = await opener.open(em, { account, amr, claims, spend }, answer.device, issuer.pair);
    assertThat(tokens, invalidCredentials);
    return tokens;
  }

  /** A counter that has not gone on says that the passkey is there twice (WebAuthn level 3, section 6.1.1). */
  private async verify(em: EntityManager, { response, challenge, device }: Answer, signer: Signer) {
    const { webAuthn, logger } = this.parts;
    try {
      const verified = await webAuthn.verifySignIn(response, bytesOf(challenge.token), signer.passkey);
      const before = signer.passkey.counter;
      if (verified.counter > before || (verified.counter === 0 && before === 0)) return verified;
    } catch (error) {
      if (!(error instanceof PasskeyRefused)) throw error;
      logger.info({ passkeyId: signer.passkey.id }, `A passkey was refused: it ${error.message}.`);
      throw invalidCredentials();
    }
    await this.record(em, 'passkey_copied', signer, device);
    throw invalidCredentials();
  }

  /** Who it was nobody knows. */
  private async record(em: EntityManager, type: SecurityEventType, { passkey, account }: Signer, device: Device) {
    const { ipAddress, userAgent } = device;
    const { userId } = account;
    const event = { ipAddress, userAgent, type, userId, actorId: null, sessionId: null, detail: passkey.id };
    await this.parts.events.record(em, event);
  }
}

function bytesOf(base64url: string): Buffer {
  return Buffer.from(base64url, 'base64url');
}

function hasFailed(error: unknown): boolean {
  return error instanceof PosternError && error.code === 'INVALID_CREDENTIALS';
}
