import { hkdfSync } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../common/clock.js';
import type { Logger } from '../common/logger.js';
import { MacRing } from '../common/mac-ring.js';
import { CursorCodec } from '../common/pagination/cursor.js';
import { productName } from '../common/product-name.js';
import { Sealer, SealerRing } from '../common/sealer.js';
import type { Config } from '../config.js';
import { OutstandingTokenResolver } from './administration/outstanding-token.resolver.js';
import { OutstandingTokenService } from './administration/outstanding-token.service.js';
import { UserAdminResolver } from './administration/user-admin.resolver.js';
import { UserAdminService } from './administration/user-admin.service.js';
import { AuthResolver } from './auth/auth.resolver.js';
import { AuthService } from './auth/auth.service.js';
import { DeviceResolver } from './auth/devices/device.resolver.js';
import { DeviceService } from './auth/devices/device.service.js';
import { DeviceTokens } from './auth/devices/device-tokens.js';
import type { Extensions } from './auth/extensions.js';
import type { KeyDerivation } from './auth/keys/key-ring.js';
import { FlushService } from './auth/maintenance/flush.service.js';
import { Notifier } from './auth/notices/notifier.js';
import { OneTimeTokens } from './auth/one-time-tokens/one-time-token.service.js';
import type { RevocationList } from './auth/revocation/revocation-list.js';
import { Revoker } from './auth/revocation/revoker.js';
import { ChallengeService } from './auth/second-factors/challenge.service.js';
import { CodeAttempts } from './auth/second-factors/code-attempts.js';
import { CodeCheck } from './auth/second-factors/code-check.js';
import { EnrolmentService } from './auth/second-factors/enrolment.service.js';
import { FactorChange } from './auth/second-factors/factor-change.js';
import { MailedCodes } from './auth/second-factors/mailed-codes.js';
import { RecoveryCodes } from './auth/second-factors/recovery-codes.js';
import { SecondFactorResolver } from './auth/second-factors/second-factor.resolver.js';
import { SecondFactorService } from './auth/second-factors/second-factor.service.js';
import { UserSecondFactorsResolver } from './auth/second-factors/user-second-factors.resolver.js';
import { RefreshService } from './auth/sessions/refresh.service.js';
import { RefreshToken } from './auth/sessions/refresh-token.entity.js';
import { Session } from './auth/sessions/session.entity.js';
import { SessionResolver } from './auth/sessions/session.resolver.js';
import { SessionService } from './auth/sessions/session.service.js';
import { UserSessionsResolver } from './auth/sessions/user-sessions.resolver.js';
import { Admission } from './auth/sign-in/admission.js';
import { AttemptLimiter } from './auth/sign-in/attempt-limiter.js';
import { LoginHooks } from './auth/sign-in/login-hooks.js';
import { PasswordCheck } from './auth/sign-in/password-check.js';
import { SessionOpener } from './auth/sign-in/session-opener.js';
import { Sightings } from './auth/sign-in/sightings.js';
import { SignInService } from './auth/sign-in/sign-in.service.js';
import { SignInAccounts } from './auth/sign-in/sign-in-accounts.js';
import { SignInGate, type VerificationReminder } from './auth/sign-in/sign-in-gate.js';
import { SlidingTokenResolver } from './auth/sliding/sliding-token.resolver.js';
import { SlidingTokenService } from './auth/sliding/sliding-token.service.js';
import { PasswordConfirmation } from './auth/step-up/password-confirmation.js';
import { StepUp } from './auth/step-up/step-up.js';
import { ownClaimNames, type TokenCodec } from './auth/tokens/token-codec.js';
import { TokenInspector } from './auth/tokens/token-inspector.js';
import { TokenIssuer } from './auth/tokens/token-issuer.js';
import { TokenReader } from './auth/tokens/token-reader.js';
import type { TokenVerifier } from './auth/tokens/token-verifier.js';
import { Links } from './mail/links.js';
import { mailHandler } from './mail/mail.handler.js';
import { createMailTransport } from './mail/mail.transport.js';
import { Mailer } from './mail/mailer.js';
import { Outbox } from './outbox/outbox.js';
import { type OutboxHandlers, OutboxWorker } from './outbox/outbox.worker.js';
import { Post } from './posts/post.entity.js';
import { PostResolver } from './posts/post.resolver.js';
import { PostService } from './posts/post.service.js';
import { UserPostsResolver } from './posts/user-posts.resolver.js';
import { SecurityEvent } from './security-events/security-event.entity.js';
import { SecurityEventRecorder } from './security-events/security-event.recorder.js';
import { SecurityEventResolver } from './security-events/security-event.resolver.js';
import { SecurityEventService } from './security-events/security-event.service.js';
import { PasswordHasher } from './users/password-hasher.js';
import { User } from './users/user.entity.js';
import { UserResolver } from './users/user.resolver.js';
import { UserService } from './users/user.service.js';

/** What the services are built from. */
export interface Dependencies {
  readonly config: Config;
  readonly fork: () => EntityManager;
  readonly extensions: Extensions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keys: KeyDerivation;
  readonly codec: TokenCodec;
  readonly verifier: TokenVerifier;
  readonly revocations: RevocationList;
  /** How long after its end a session may still have access tokens out, in milliseconds. */
  readonly retention: number;
}

export type Services = ReturnType<typeof createServices>;

/** Every table that has a class. */
export const entities = [User, Session, RefreshToken, SecurityEvent, Post];

/** Every service, built by hand; each lives as long as the app and keeps nothing of a request. */
export function createServices({
  config,
  fork,
  extensions,
  clock,
  logger,
  keys,
  codec,
  verifier,
  revocations,
  retention,
}: Dependencies) {
  const { concurrency, queue } = config.passwordHashing;
  const hasher = new PasswordHasher({ concurrency, queue });
  // Of its own, so that no flood of new accounts keeps anybody from signing in.
  const registrar = new PasswordHasher({ concurrency: 1, queue: Math.ceil(queue / 5) });
  const cursors = new CursorCodec(keys.derive('cursors'));
  const reader = new TokenReader(verifier);
  const issuer = new TokenIssuer(codec, config.tokens, clock);
  const admission = new Admission(extensions, ownClaimNames(config.tokens.claims));
  const hooks = new LoginHooks(extensions, logger);
  const events = new SecurityEventRecorder(clock);
  const revoker = new Revoker(revocations, events, clock);
  const limiter = new AttemptLimiter(config.signIn.limits, keys.derive('sign-in-attempts'), clock);
  const refresh = new RefreshService(reader, issuer, admission, revoker, config.tokens, clock);
  const sessions = new SessionService(reader, revoker, cursors, clock);
  const inspector = new TokenInspector(reader, config.tokens, clock);
  const sealers = sealersOf(config, keys);
  const outbox = new Outbox(sealers('outbox'), clock);
  const mailer = new Mailer(outbox, config.mail);
  const transport = createMailTransport(config);
  const oneTimeTokens = new OneTimeTokens(keys.derive('one-time-tokens'), clock);
  const links = new Links(config.http.publicUrl);
  const notifier = new Notifier(mailer, oneTimeTokens, links, clock);
  const reminder: VerificationReminder = {
    async remind(em, { id: userId, username, email }) {
      const lifetime = 3 * 86_400_000;
      const token = await oneTimeTokens.issue(em, { userId, purpose: 'EMAIL_VERIFICATION', lifetime });
      const facts = { link: links.to('verifyEmail', token) };
      await mailer.post(em, { template: 'verifyEmail', facts, to: email, userId, username });
    },
  };
  const deviceTokens = new DeviceTokens(macsOf(config, keys)('remembered-devices'));
  const devices = new DeviceService(deviceTokens, events, config.secondFactors, clock);
  const sightings = new Sightings(keys.derive('sightings'));
  const accounts = new SignInAccounts(sightings, deviceTokens, clock);
  const gate = new SignInGate(admission, reminder, config.mail);
  const opener = new SessionOpener(sightings, hooks, events, notifier, config.tokens.updateLastLogin, clock);
  const passwords = new PasswordCheck(accounts, hasher, limiter, hooks, events);
  const signIn = new SignInService(passwords, limiter, gate, opener, config.secondFactors, clock);
  const mailedCodes = new MailedCodes(keys.derive('mailed-codes'));
  const recoveryCodes = new RecoveryCodes(macsOf(config, keys)('recovery-codes'));
  const totpSealer = sealers('totp');
  const { attemptLimit } = config.secondFactors;
  const codeAttempts = new CodeAttempts(oneTimeTokens, events, notifier, attemptLimit, clock);
  const codeCheck = new CodeCheck(mailedCodes, recoveryCodes, totpSealer, notifier, clock);
  const factorChange = new FactorChange(recoveryCodes, revoker, notifier, clock);
  const confirmation = new PasswordConfirmation(hasher, limiter);
  const challenges = new ChallengeService(
    oneTimeTokens,
    mailedCodes,
    codeAttempts,
    codeCheck,
    { accounts, gate, opener, issuer, limiter },
    devices,
    mailer,
    events,
    clock,
  );
  const enrolments = new EnrolmentService(
    new StepUp(confirmation, clock),
    oneTimeTokens,
    mailedCodes,
    codeAttempts,
    factorChange,
    limiter,
    totpSealer,
    mailer,
    productName(config.mail.from),
    clock,
  );
  const handlers: OutboxHandlers = {
    MAIL: mailHandler(transport, config.mail.from, fork),
    PASSWORD_RESET_REQUEST: async () => undefined,
  };
  return {
    users: new UserService(registrar, clock),
    auth: new AuthService(signIn, issuer, refresh, sessions, inspector, challenges),
    devices,
    challenges,
    enrolments,
    secondFactors: new SecondFactorService(confirmation, factorChange),
    sessions,
    slidingTokens: new SlidingTokenService(signIn, reader, issuer, admission, config.tokens, clock),
    revoker,
    userAdmin: new UserAdminService(cursors, revoker, events),
    outstandingTokens: new OutstandingTokenService(cursors, revoker, config.tokens.leeway, clock),
    flush: new FlushService(retention, config.tokens.leeway, config.securityEventRetention, clock),
    securityEvents: new SecurityEventService(cursors),
    posts: new PostService(clock, cursors),
    oneTimeTokens,
    notifier,
    outbox: new OutboxWorker(outbox, handlers, fork, clock, logger),
  };
}

/** Seals under KEY_ENCRYPTION_KEY, which outlives signing keys, where it is set; else under what the signing key derives. */
function sealersOf({ keys: { encryptionKey } }: Config, keys: KeyDerivation): (purpose: string) => SealerRing {
  const derived = keys.derive('sealing');
  return (purpose) => {
    const last = new Sealer(derived, purpose);
    return new SealerRing(encryptionKey ? [new Sealer(encryptionKey, purpose), last] : [last]);
  };
}

/** Makes keyed hashes under what outlives signing keys, as `sealersOf` does. */
function macsOf({ keys: { encryptionKey } }: Config, keys: KeyDerivation): (purpose: string) => MacRing {
  return (purpose) => {
    const last = keys.derive(purpose);
    if (encryptionKey === null) return new MacRing([last]);
    return new MacRing([Buffer.from(hkdfSync('sha256', encryptionKey, 'postern', `mac ${purpose}`, 32)), last]);
  };
}

type ResolverClass = abstract new (...args: never[]) => object;

/** Every resolver, with the services it calls. */
export const resolvers: ReadonlyMap<ResolverClass, (services: Services) => object> = new Map<
  ResolverClass,
  (services: Services) => object
>([
  [UserResolver, ({ users }) => new UserResolver(users)],
  [AuthResolver, ({ auth }) => new AuthResolver(auth)],
  [SlidingTokenResolver, ({ slidingTokens }) => new SlidingTokenResolver(slidingTokens)],
  [SessionResolver, ({ sessions }) => new SessionResolver(sessions)],
  [UserSessionsResolver, ({ sessions }) => new UserSessionsResolver(sessions)],
  [
    SecondFactorResolver,
    ({ challenges, enrolments, secondFactors }) => new SecondFactorResolver(challenges, enrolments, secondFactors),
  ],
  [DeviceResolver, ({ devices }) => new DeviceResolver(devices)],
  [UserSecondFactorsResolver, () => new UserSecondFactorsResolver()],
  [UserAdminResolver, ({ userAdmin }) => new UserAdminResolver(userAdmin)],
  [OutstandingTokenResolver, ({ outstandingTokens }) => new OutstandingTokenResolver(outstandingTokens)],
  [SecurityEventResolver, ({ securityEvents }) => new SecurityEventResolver(securityEvents)],
  [PostResolver, ({ posts }) => new PostResolver(posts)],
  [UserPostsResolver, ({ posts }) => new UserPostsResolver(posts)],
]);
