import type { EntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../../../common/clock.js';
import { assertThat, badUserInput, invalidCredentials, rateLimited, tokenNotValid } from '../../../common/errors.js';
import type { Metrics } from '../../../common/metrics.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import { parseInput } from '../../../common/validation.js';
import type { Mailer } from '../../mail/mailer.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import { countSignIn } from '../auth.metrics.js';
import type { DeviceService, DeviceToken } from '../devices/device.service.js';
import type { OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { AttemptLimiter } from '../sign-in/attempt-limiter.js';
import type { PasswordProof } from '../sign-in/password-check.js';
import type { Proof, SessionOpener } from '../sign-in/session-opener.js';
import type { SignInAccounts } from '../sign-in/sign-in-accounts.js';
import type { SignInGate } from '../sign-in/sign-in-gate.js';
import type { IssuedTokens, TokenIssuer } from '../tokens/token-issuer.js';
import { findWaitingSignIn, insertChallenge, replaceCode } from './challenge.queries.js';
import type { CodeAttempts } from './code-attempts.js';
import type { CodeCheck } from './code-check.js';
import type { MailedCodes } from './mailed-codes.js';
import { type CompleteSecondFactorInput, completeRules } from './second-factor.inputs.js';
import { type SecondFactorChallenge, secondFactorMethods } from './second-factor.types.js';

const second = 1_000;
const lifetime = 300 * second;
const attempts = 5;

/** How long nobody can have a code sent again after it was. */
const coolDown = 30 * second;

const purpose = 'SIGN_IN_CHALLENGE';

/** What a challenge remembers of the sign-in that it belongs to. */
const challengeData = z.object({
  methods: z.array(z.enum(secondFactorMethods)),
  /** Whether the refresh token is to be delivered as a cookie. */
  cookie: z.boolean(),
  factorVersion: z.number(),
  /** What the password's check still counts under, as a failure until the second factor follows. */
  counted: z.array(z.string()),
});

type ChallengeData = z.infer<typeof challengeData>;

/** What a sign-in consists of, besides its second factor. */
export interface SignInParts {
  readonly accounts: SignInAccounts;
  readonly gate: SignInGate;
  readonly opener: SessionOpener;
  readonly issuer: TokenIssuer;
  readonly limiter: AttemptLimiter;
  readonly metrics: Metrics;
}

export interface CompletedSignIn {
  readonly tokens: IssuedTokens;
  readonly cookie: boolean;
  /** What the device is to keep, if it is to be remembered. */
  readonly device: DeviceToken | null;
}

/** Sign-ins whose password was right, and that wait for a second factor. */
export class ChallengeService {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly codes: MailedCodes,
    private readonly attempts: CodeAttempts,
    private readonly check: CodeCheck,
    private readonly signIn: SignInParts,
    private readonly devices: DeviceService,
    private readonly mailer: Mailer,
    private readonly events: SecurityEventRecorder,
    private readonly clock: Clock,
  ) {}

  /** Null when the account has changed since its password was checked. */
  async begin(
    em: EntityManager,
    proof: PasswordProof,
    methods: SecondFactorMethod[],
    cookie: boolean,
    device: Device,
  ): Promise<SecondFactorChallenge | null> {
    const { userId, username, email, factorVersion } = proof.account;
    const data: ChallengeData = { methods, cookie, factorVersion, counted: [...proof.counted.keys] };
    const code = methods.includes('EMAIL') ? this.codes.make() : null;
    const codeHash = code === null ? {} : { codeHash: (token: string) => this.codes.hash(token, code) };
    const challenge = this.tokens.prepare({ userId, purpose, lifetime, data, attempts, ...codeHash });
    const event = { ...device, type: 'second_factor_asked', userId, actorId: null, sessionId: null } as const;
    const begun = await insertChallenge(em, proof, [
      (condition) => challenge.insert(condition),
      (condition) => this.events.insert(event, condition),
      ...(code === null ? [] : [this.mailOf(code, { userId, username, email })]),
    ]);
    return begun ? { challengeToken: challenge.token, methods, expiresAt: challenge.expiresAt } : null;
  }

  /**
   * Opens the session that the challenge stands for. Throws INVALID_CREDENTIALS for a wrong code, TOKEN_NOT_VALID for a
   * challenge that is over, RATE_LIMITED once the account's budget is used up, and what `SignInGate` does.
   */
  complete(em: EntityManager, input: CompleteSecondFactorInput, device: Device): Promise<CompletedSignIn> {
    return countSignIn(this.signIn.metrics, 'second_factor', () => this.completeNow(em, input, device));
  }

  private async completeNow(
    em: EntityManager,
    input: CompleteSecondFactorInput,
    device: Device,
  ): Promise<CompletedSignIn> {
    const { challengeToken: token, method, code, rememberDevice } = parseInput(completeRules, input);
    const attempt = await this.attempts.take(em, { token, purpose, limited: method !== 'RECOVERY_CODE' });
    const data = challengeData.parse(attempt.data);
    const typed = { method, token, code };
    const right = data.methods.includes(method) ? await this.check.check(em, attempt, typed) : null;
    if (right === null) {
      await this.attempts.fail(em, attempt, method, device);
      throw invalidCredentials();
    }
    const account = await this.signIn.accounts.byId(em, attempt.userId, device);
    assertThat(account, () => tokenNotValid('REVOKED'));
    const { userId: id, username, email, emailVerifiedAt } = account;
    let remembered: DeviceToken | null = null;
    const proof: Proof = {
      account,
      claims: await this.signIn.gate.admit(em, account),
      // A recovery code is a one-time password, too.
      amr: ['pwd', 'otp', 'mfa'],
      unchanged: sql`factor_version = ${data.factorVersion}`,
      verifiesEmail: right.verifiesEmail,
      spend: async (tx) => {
        assertThat(await this.tokens.consume(tx, token, purpose), () => tokenNotValid('REVOKED'));
        assertThat(await right.spend(tx, { id, username, email, emailVerifiedAt }, device), invalidCredentials);
        if (rememberDevice) remembered = await this.devices.remember(tx, id, device);
      },
    };
    const tokens = await this.signIn.opener.open(em, proof, device, this.signIn.issuer.pair);
    assertThat(tokens, () => tokenNotValid('REVOKED'));
    await this.signIn.limiter.takeBack(em, { keys: [...data.counted, ...attempt.keys] });
    return { tokens, cookie: data.cookie, device: remembered };
  }

  /**
   * Mails another code; the one before is good for nothing then, and neither tries nor time are added. Throws RATE_LIMITED
   * within half a minute, TOKEN_NOT_VALID, or BAD_USER_INPUT where the sign-in takes no code by e-mail.
   */
  async resend(em: EntityManager, challengeToken: string): Promise<SecondFactorChallenge> {
    const good = this.tokens.good(challengeToken, purpose);
    const waiting = await findWaitingSignIn(em, good);
    if (waiting === null) throw await this.tokens.refusal(em, challengeToken, purpose);
    const { methods } = challengeData.parse(waiting.data);
    assertThat(methods.includes('EMAIL'), takesNoMail);
    const code = this.codes.make();
    const now = this.clock.now();
    const renewal = {
      hash: this.codes.hash(challengeToken, code),
      sentAt: new Date(now),
      sinceBefore: new Date(now - coolDown),
    };
    const sent = await replaceCode(em, good, renewal, this.mailOf(code, waiting));
    assertThat(sent, () => rateLimited((waiting.codeSentAt?.getTime() ?? now) + coolDown - now));
    return { challengeToken, methods, expiresAt: waiting.expiresAt };
  }

  private mailOf(code: string, { userId, username, email: to }: { userId: string; username: string; email: string }) {
    const mail = { template: 'signInCode', facts: { code }, to, userId, username } as const;
    return (condition: RawBuilder<unknown>) => this.mailer.insert(mail, condition);
  }
}

const takesNoMail = () =>
  badUserInput([{ path: ['challengeToken'], message: 'is of a sign-in that takes no code by e-mail' }]);
