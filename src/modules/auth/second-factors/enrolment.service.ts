import type { EntityManager } from '@mikro-orm/sql';
import type { RawBuilder } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../../../common/clock.js';
import { assertThat, badUserInput, tokenNotValid, unauthenticated } from '../../../common/errors.js';
import type { SealerRing } from '../../../common/sealer.js';
import type { SecondFactorMethod } from '../../../common/second-factor-method.js';
import { parseInput } from '../../../common/validation.js';
import type { Mailer } from '../../mail/mailer.js';
import { findUsersByIds, type UserRow } from '../../users/user.queries.js';
import type { RequestLimiter } from '../limits/request-limiter.js';
import type { NewOneTimeToken, OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';
import type { AttemptLimiter } from '../sign-in/attempt-limiter.js';
import type { StepUp } from '../step-up/step-up.js';
import type { CodeAttempt, CodeAttempts } from './code-attempts.js';
import { insertEnrolment } from './enrolment.queries.js';
import type { FactorChange, FactorOwner } from './factor-change.js';
import type { MailedCodes } from './mailed-codes.js';
import { type ConfirmSecondFactorInput, confirmRules, startRules } from './second-factor.inputs.js';
import type { SecondFactorConfirmation, SecondFactorEnrolment } from './second-factor.types.js';
import { newTotpSecret, otpauthUrl, qrCodeOf, totpStepOf } from './totp.js';

const lifetime = 600_000;
const attempts = 5;
const purpose = 'FACTOR_ENROLMENT';

/** Each enrolment sends a mail when it begins or when it ends, maybe to somebody else's address: so many to a user. */
const startLimit = { name: 'factor-enrolment', attempts: 10, window: 3_600_000 };

/** What is remembered of a factor until its first code has come; the secret is sealed, in base64. */
const enrolmentData = z.discriminatedUnion('method', [
  z.object({ method: z.literal('EMAIL') }),
  z.object({ method: z.literal('TOTP'), secret: z.base64() }),
]);

/** A right first code, with what is to be kept of its factor. */
interface FirstCode {
  readonly secret: Buffer | null;
  readonly lastStep: number | null;
}

/** Sets second factors up: each is on once its first code has shown that it works. */
export class EnrolmentService {
  constructor(
    private readonly stepUp: StepUp,
    private readonly tokens: OneTimeTokens,
    private readonly codes: MailedCodes,
    private readonly attempts: CodeAttempts,
    private readonly change: FactorChange,
    private readonly limiter: AttemptLimiter,
    private readonly requests: RequestLimiter,
    private readonly sealer: SealerRing,
    private readonly mailer: Mailer,
    /** What authenticators show beside the user's name. */
    private readonly product: string,
    private readonly clock: Clock,
  ) {}

  /** Ends whatever was begun before. Throws BAD_USER_INPUT for recovery codes, RATE_LIMITED, and what `StepUp` does. */
  async start(
    em: EntityManager,
    { viewer, device }: FactorOwner,
    request: { readonly method: SecondFactorMethod; readonly password: string | null },
  ): Promise<SecondFactorEnrolment> {
    const { method, password } = parseInput(startRules, request, []);
    await this.stepUp.require(em, viewer, password, device);
    await this.requests.require(em, startLimit, viewer.id);
    const [user] = await findUsersByIds(em, [viewer.id]);
    assertThat(user, () => unauthenticated('REVOKED'));
    return method === 'TOTP' ? this.startTotp(em, user) : this.startEmail(em, user);
  }

  /**
   * Switches the factor on. Throws BAD_USER_INPUT for a wrong code, TOKEN_NOT_VALID for an enrolment that is over or
   * somebody else's, or RATE_LIMITED once the account's budget is used up.
   */
  async confirm(
    em: EntityManager,
    owner: FactorOwner,
    input: ConfirmSecondFactorInput,
  ): Promise<SecondFactorConfirmation> {
    const { enrolmentToken: token, code } = parseInput(confirmRules, input);
    const attempt = await this.attempts.take(em, { token, purpose, userId: owner.viewer.id, limited: true });
    const data = enrolmentData.parse(attempt.data);
    const first = this.firstCode(attempt, data, token, code);
    if (first === null) {
      await this.attempts.fail(em, attempt, data.method, owner.device);
      throw badUserInput([{ path: ['input', 'code'], message: 'is not the right one' }]);
    }
    const confirmation = await this.change.add(em, owner, { method: data.method, ...first }, async (tx) => {
      assertThat(await this.tokens.consume(tx, token, purpose), () => tokenNotValid('REVOKED'));
    });
    await this.limiter.takeBack(em, attempt);
    return confirmation;
  }

  private firstCode(
    { userId, codeHash }: CodeAttempt,
    data: z.infer<typeof enrolmentData>,
    token: string,
    code: string,
  ): FirstCode | null {
    if (data.method === 'EMAIL') {
      const right = codeHash !== null && this.codes.matches(codeHash, token, code);
      return right ? { secret: null, lastStep: null } : null;
    }
    const secret = Buffer.from(data.secret, 'base64');
    const opened = this.sealer.open(secret, userId);
    const lastStep = opened && totpStepOf(opened.toString(), code, this.clock.now());
    return lastStep === null ? null : { secret, lastStep };
  }

  private async startTotp(em: EntityManager, user: UserRow): Promise<SecondFactorEnrolment> {
    const totpSecret = newTotpSecret();
    const url = otpauthUrl(this.product, user.username, totpSecret);
    const secret = this.sealer.seal(Buffer.from(totpSecret), user.id).toString('base64');
    const begun = await this.begin(em, user.id, { data: { method: 'TOTP', secret } });
    return { ...begun, method: 'TOTP', totpSecret, otpauthUrl: url, qrCode: qrCodeOf(url) };
  }

  private async startEmail(em: EntityManager, user: UserRow): Promise<SecondFactorEnrolment> {
    const { id: userId, username, email: to } = user;
    const code = this.codes.make();
    const codeHash = (token: string) => this.codes.hash(token, code);
    const mail = this.mailer.insert({ template: 'enrolmentCode', facts: { code }, to, userId, username });
    const begun = await this.begin(em, userId, { data: { method: 'EMAIL' }, codeHash }, mail);
    return { ...begun, method: 'EMAIL', totpSecret: null, otpauthUrl: null, qrCode: null };
  }

  private async begin(
    em: EntityManager,
    userId: string,
    enrolment: Pick<NewOneTimeToken, 'data' | 'codeHash'>,
    mail?: RawBuilder<unknown>,
  ) {
    const prepared = this.tokens.prepare({ userId, purpose, lifetime, attempts, ...enrolment });
    await insertEnrolment(em, userId, prepared.insert(), mail);
    return { enrolmentToken: prepared.token, expiresAt: prepared.expiresAt };
  }
}
