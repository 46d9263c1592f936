import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import {
  assertThat,
  badUserInput,
  conflict,
  notFound,
  type PosternError,
  tokenNotValid,
  unauthenticated,
} from '../../../common/errors.js';
import { isId, newId } from '../../../common/ids.js';
import { parseInput } from '../../../common/validation.js';
import type { UserViewer } from '../../../common/viewer.js';
import type { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import type { UserService } from '../../users/user.service.js';
import type { RequestLimiter } from '../limits/request-limiter.js';
import type { Notifier } from '../notices/notifier.js';
import type { OneTimeTokens } from '../one-time-tokens/one-time-token.service.js';
import type { Revoker } from '../revocation/revoker.js';
import type { Device } from '../sessions/refresh-token.queries.js';
import type { StepUp } from '../step-up/step-up.js';
import { deletePasskey, findCredentialsOf, insertPasskey, lockActiveUser, type PasskeyRow } from './passkey.queries.js';
import { type RegistrationResponse, registrationRules } from './passkey.rules.js';
import type { FinishPasskeyRegistrationInput, PasskeyChallenge } from './passkey.types.js';
import { ceremonyTime, type NewCredential, PasskeyRefused, type WebAuthn } from './web-authn.js';

/** How many passkeys a user may have. */
const most = 20;

/** Each passkey that is added sends a mail, and another one when it is removed: so many to a user. */
const registrationLimit = { name: 'passkey-registration', attempts: 30, window: 3_600_000 };

/** What a passkey service stands on. */
interface Parts {
  readonly webAuthn: WebAuthn;
  readonly users: Pick<UserService, 'caller'>;
  readonly stepUp: StepUp;
  readonly limiter: Pick<RequestLimiter, 'require'>;
  readonly oneTimeTokens: OneTimeTokens;
  readonly revoker: Revoker;
  readonly events: SecurityEventRecorder;
  readonly notifier: Notifier;
  readonly clock: Clock;
}

/** A user's passkeys: added and removed, each told to the user by mail. */
export class PasskeyService {
  constructor(private readonly parts: Parts) {}

  /** Begins to add one. Throws what `StepUp` does, CONFLICT where there is no room for one more, or RATE_LIMITED. */
  async startRegistration(
    em: EntityManager,
    viewer: UserViewer,
    password: string | null,
    device: Device,
  ): Promise<PasskeyChallenge> {
    const { stepUp, users, limiter, oneTimeTokens, webAuthn } = this.parts;
    await stepUp.require(em, viewer, password, device);
    const user = await users.caller(em, viewer);
    const known = await findCredentialsOf(em, user.id);
    assertThat(known.length < most, () => tooMany([]));
    await limiter.require(em, registrationLimit, user.id);
    const prepared = oneTimeTokens.prepare({
      userId: user.id,
      purpose: 'PASSKEY_REGISTRATION',
      lifetime: ceremonyTime,
    });
    const { token, expiresAt } = prepared;
    const options = await webAuthn.registrationOptions(user, known, challengeOf(token));
    await prepared.insert().execute(em.getKysely());
    return { token, options, expiresAt };
  }

  /** Adds the passkey that the browser has made. Throws BAD_USER_INPUT, TOKEN_NOT_VALID, or CONFLICT where it is known or there is no room. */
  async finishRegistration(
    em: EntityManager,
    viewer: UserViewer,
    input: FinishPasskeyRegistrationInput,
    device: Device,
  ): Promise<PasskeyRow> {
    const { users, oneTimeTokens, events, notifier, clock } = this.parts;
    const { token, response, name } = parseInput(registrationRules, input);
    const user = await users.caller(em, viewer);
    const challenge = await oneTimeTokens.find(em, token, 'PASSKEY_REGISTRATION');
    if (challenge === null) throw await oneTimeTokens.refusal(em, token, 'PASSKEY_REGISTRATION');
    assertThat(challenge.userId === user.id, () => tokenNotValid('MALFORMED'));
    const credential = await this.verify(response, token);
    const createdAt = new Date(clock.now());
    const passkey = { ...credential, id: newId(clock), userId: user.id, name, createdAt, lastUsedAt: null };
    return em.transactional(async (tx) => {
      // The user first: whoever changes the user's row ends the tokens after that.
      assertThat(await lockActiveUser(tx, user.id), () => unauthenticated('REVOKED'));
      const spent = await oneTimeTokens.consume(tx, token, 'PASSKEY_REGISTRATION');
      assertThat(spent, () => tokenNotValid('REVOKED'));
      const outcome = await insertPasskey(tx, passkey, most);
      assertThat(outcome !== 'taken', isKnown);
      assertThat(outcome === 'inserted', () => tooMany(['input']));
      const { id: userId, sessionId } = viewer;
      const event = {
        ...originOf(viewer, device),
        type: 'passkey_added',
        userId,
        sessionId,
        detail: passkey.id,
      } as const;
      await events.record(tx, event);
      await notifier.notify(tx, user, 'passkeyAdded', device, { name }, { removePasskey: passkey.id });
      return passkey;
    });
  }

  /** Removes it, with all other sessions, for it may be on a device that was lost. Throws what `StepUp` does, or NOT_FOUND. */
  async remove(
    em: EntityManager,
    viewer: UserViewer,
    id: string,
    password: string | null,
    device: Device,
  ): Promise<PasskeyRow> {
    const { stepUp, users, revoker, notifier } = this.parts;
    await stepUp.require(em, viewer, password, device);
    assertThat(isId(id), () => notFound('passkey'));
    const user = await users.caller(em, viewer);
    const { passkey, obey } = await em.transactional(async (tx) => {
      const passkey = await deletePasskey(tx, user.id, id);
      assertThat(passkey, () => notFound('passkey'));
      const target = { userId: user.id, sessionId: viewer.sessionId };
      const { obey } = await revoker.revokeWithin(tx, 'PASSKEY_REMOVED', target, originOf(viewer, device), passkey.id);
      await notifier.notify(tx, user, 'passkeyRemoved', device, { name: passkey.name });
      return { passkey, obey };
    });
    obey();
    return passkey;
  }

  private async verify(response: RegistrationResponse, token: string): Promise<NewCredential> {
    try {
      return await this.parts.webAuthn.verifyRegistration(response, challengeOf(token));
    } catch (error) {
      if (!(error instanceof PasskeyRefused)) throw error;
      throw badUserInput([{ path: ['input', 'response'], message: error.message }]);
    }
  }
}

/** The token itself is what has to be signed: 32 random bytes that nobody else was given. */
function challengeOf(token: string): Buffer {
  return Buffer.from(token, 'base64url');
}

function originOf({ id: actorId }: UserViewer, { ipAddress, userAgent }: Device) {
  return { actorId, ipAddress, userAgent };
}

function tooMany(path: readonly string[]): PosternError {
  return conflict([{ path, message: `there are ${most} passkeys, as many as there may be: remove one first` }]);
}

function isKnown(): PosternError {
  return conflict([{ path: ['input', 'response'], message: 'is registered already' }]);
}
