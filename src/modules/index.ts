import { hkdfSync } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../common/clock.js';
import type { Logger } from '../common/logger.js';
import { MacRing } from '../common/mac-ring.js';
import { productName } from '../common/mailbox.js';
import type { Metrics } from '../common/metrics.js';
import { CursorCodec } from '../common/pagination/cursor.js';
import { Sealer, SealerRing } from '../common/sealer.js';
import type { Config } from '../config.js';
import { AddressResolver } from './accounts/address.resolver.js';
import { AddressService } from './accounts/address.service.js';
import { AddressChange } from './accounts/address-change.js';
import { DeletionResolver } from './accounts/deletion.resolver.js';
import { DeletionService } from './accounts/deletion.service.js';
import { DisavowalResolver } from './accounts/disavowal.resolver.js';
import { DisavowalService } from './accounts/disavowal.service.js';
import { ExportResolver } from './accounts/export.resolver.js';
import { ExportService } from './accounts/export.service.js';
import { PasswordResolver } from './accounts/password.resolver.js';
import { PasswordChangeService } from './accounts/password-change.service.js';
import { PasswordResetMail } from './accounts/password-reset.mail.js';
import { PasswordResetService } from './accounts/password-reset.service.js';
import { RegistrationResolver } from './accounts/registration.resolver.js';
import { RegistrationService } from './accounts/registration.service.js';
import { OutstandingTokenResolver } from './administration/outstanding-token.resolver.js';
import { OutstandingTokenService } from './administration/outstanding-token.service.js';
import { UserAdminResolver } from './administration/user-admin.resolver.js';
import { UserAdminService } from './administration/user-admin.service.js';
import { exportedAuth } from './auth/auth.export.js';
import { AuthResolver } from './auth/auth.resolver.js';
import { AuthService } from './auth/auth.service.js';
import { DeviceResolver } from './auth/devices/device.resolver.js';
import { DeviceService } from './auth/devices/device.service.js';
import { DeviceTokens } from './auth/devices/device-tokens.js';
import type { Extensions } from './auth/extensions.js';
import type { KeyDerivation } from './auth/keys/key-ring.js';
import { RequestLimiter } from './auth/limits/request-limiter.js';
import { FlushService } from './auth/maintenance/flush.service.js';
import { Notifier } from './auth/notices/notifier.js';
import { OneTimeTokens } from './auth/one-time-tokens/one-time-token.service.js';
import { Passkey } from './auth/passkeys/passkey.entity.js';
import { PasskeyResolver } from './auth/passkeys/passkey.resolver.js';
import { PasskeyService } from './auth/passkeys/passkey.service.js';
import { PasskeySignInResolver } from './auth/passkeys/passkey-sign-in.resolver.js';
import { PasskeySignIn } from './auth/passkeys/passkey-sign-in.service.js';
import { relyingPartyOf } from './auth/passkeys/relying-party.js';
import { SignInChallenges } from './auth/passkeys/sign-in-challenges.js';
import { UserPasskeysResolver } from './auth/passkeys/user-passkeys.resolver.js';
import { WebAuthn } from './auth/passkeys/web-authn.js';
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
import { SignInGate } from './auth/sign-in/sign-in-gate.js';
import { SlidingTokenResolver } from './auth/sliding/sliding-token.resolver.js';
import { SlidingTokenService } from './auth/sliding/sliding-token.service.js';
import { PasswordConfirmation } from './auth/step-up/password-confirmation.js';
import { StepUp } from './auth/step-up/step-up.js';
import { ownClaimNames, type TokenCodec } from './auth/tokens/token-codec.js';
import { TokenInspector } from './auth/tokens/token-inspector.js';
import { TokenIssuer } from './auth/tokens/token-issuer.js';
import { TokenReader } from './auth/tokens/token-reader.js';
import type { TokenVerifier } from './auth/tokens/token-verifier.js';
import { EmailVerification } from './auth/verification/email-verification.service.js';
import { Links } from './mail/links.js';
import { mailHandler } from './mail/mail.handler.js';
import { createMailTransport } from './mail/mail.transport.js';
import { Mailer } from './mail/mailer.js';
import type { SmtpTimeouts } from './mail/smtp.transport.js';
import { exportedOutbox } from './outbox/outbox.export.js';
import { Outbox } from './outbox/outbox.js';
import { type OutboxHandlers, OutboxWorker } from './outbox/outbox.worker.js';
import { Post } from './posts/post.entity.js';
import { exportedPosts } from './posts/post.export.js';
import { PostResolver } from './posts/post.resolver.js';
import { PostService } from './posts/post.service.js';
import { UserPostsResolver } from './posts/user-posts.resolver.js';
import { SecurityEvent } from './security-events/security-event.entity.js';
import { exportedSecurityEvents } from './security-events/security-event.export.js';
import { SecurityEventRecorder } from './security-events/security-event.recorder.js';
import { SecurityEventResolver } from './security-events/security-event.resolver.js';
import { SecurityEventService } from './security-events/security-event.service.js';
import { createBreachedPasswords } from './users/breached-passwords.js';
import { NewPasswords } from './users/new-passwords.js';
import { type Argon2Parameters, PasswordHasher } from './users/password-hasher.js';
import { User } from './users/user.entity.js';
import { exportedUsers } from './users/user.export.js';
import { UserResolver } from './users/user.resolver.js';
import { UserService } from './users/user.service.js';

/** What the services are built from. */
export interface Dependencies {
  readonly config: Config;
  readonly fork: () => EntityManager;
  readonly extensions: Extensions;
  /** How long they may take to answer, in milliseconds, where it is not as usual. */
  readonly extensionTimeout: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly keys: KeyDerivation;
  readonly codec: TokenCodec;
  readonly verifier: TokenVerifier;
  readonly revocations: RevocationList;
  /** How long after its end a session may still have access tokens out, in milliseconds. */
  readonly retention: number;
  /** What a hash of a password costs, where it is not as usual. */
  readonly argon2?: Argon2Parameters | undefined;
  /** Those of the mail server, where they are not the usual ones. */
  readonly smtpTimeouts?: Partial<SmtpTimeouts> | undefined;
}

export type Services = ReturnType<typeof createServices>;

/** Every table that has a class. */
export const entities = [User, Session, RefreshToken, Passkey, SecurityEvent, Post];

/** Every table with rows of a user, for `exportMyData`; a test fails when one is missing. */
export const exportedTables = [
  ...exportedUsers,
  ...exportedAuth,
  ...exportedPosts,
  ...exportedSecurityEvents,
  ...exportedOutbox,
];

/** Every service, built by hand; each lives as long as the app and keeps nothing of a request. */
export function createServices({
  config,
  fork,
  extensions,
  extensionTimeout,
  clock,
  logger,
  metrics,
  keys,
  codec,
  verifier,
  revocations,
  retention,
  argon2,
  smtpTimeouts,
}: Dependencies) {
  const { concurrency, queue } = config.passwordHashing;
  const hasher = new PasswordHasher({ concurrency, queue }, argon2);
  // Of its own, so that no flood of new accounts keeps anybody from signing in.
  const registrar = new PasswordHasher({ concurrency: 1, queue: Math.ceil(queue / 5) }, argon2);
  const cursors = new CursorCodec(keys.derive('cursors'));
  const reader = new TokenReader(verifier);
  const issuer = new TokenIssuer(codec, config.tokens, clock);
  const admission = new Admission(extensions, ownClaimNames(config.tokens.claims), extensionTimeout);
  const hooks = new LoginHooks(extensions, logger);
  const events = new SecurityEventRecorder(clock);
  const revoker = new Revoker(revocations, events, metrics, clock);
  const limiter = new AttemptLimiter(config.signIn.limits, keys.derive('sign-in-attempts'), metrics, clock);
  const sessions = new SessionService(reader, revoker, cursors, clock);
  const inspector = new TokenInspector(reader, config.tokens, clock);
  const sealers = sealersOf(config, keys);
  const outbox = new Outbox(sealers('outbox'), clock);
  const mailer = new Mailer(outbox, config.mail);
  const transport = createMailTransport(config, logger, smtpTimeouts);
  const oneTimeTokens = new OneTimeTokens(keys.derive('one-time-tokens'), clock);
  const links = new Links(config.http.publicUrl);
  const notifier = new Notifier(mailer, oneTimeTokens, links, clock);
  const requestLimiter = new RequestLimiter(keys.derive('request-limits'), metrics, clock);
  const verification = new EmailVerification(mailer, oneTimeTokens, links, requestLimiter, clock);
  const sightings = new Sightings(keys.derive('sightings'));
  const deviceTokens = new DeviceTokens(macsOf(config, keys)('remembered-devices'));
  const devices = new DeviceService(deviceTokens, events, config.secondFactors, clock);
  const accounts = new SignInAccounts(sightings, deviceTokens, clock);
  const gate = new SignInGate(admission, verification, config.mail);
  const opener = new SessionOpener(sightings, hooks, events, notifier, config.tokens.updateLastLogin, clock);
  const passwordCheck = new PasswordCheck(accounts, hasher, limiter, hooks, events);
  const signIn = new SignInService(passwordCheck, limiter, gate, opener, config.secondFactors, metrics, clock);
  const refresh = new RefreshService(reader, issuer, admission, revoker, notifier, config.tokens, metrics, clock);
  const resetMail = new PasswordResetMail(oneTimeTokens, links, mailer, events, fork);
  const mailedCodes = new MailedCodes(keys.derive('mailed-codes'));
  const recoveryCodes = new RecoveryCodes(macsOf(config, keys)('recovery-codes'));
  const totpSealer = sealers('totp');
  const { attemptLimit } = config.secondFactors;
  const codeAttempts = new CodeAttempts(oneTimeTokens, events, notifier, attemptLimit, metrics, clock);
  const codeCheck = new CodeCheck(mailedCodes, recoveryCodes, totpSealer, notifier, clock);
  const factorChange = new FactorChange(recoveryCodes, revoker, notifier, clock);
  const passwords = new PasswordConfirmation(hasher, limiter, events);
  const stepUp = new StepUp(passwords, clock);
  const challenges = new ChallengeService(
    oneTimeTokens,
    mailedCodes,
    codeAttempts,
    codeCheck,
    { accounts, gate, opener, issuer, limiter, metrics },
    devices,
    mailer,
    events,
    clock,
  );
  const enrolments = new EnrolmentService(
    stepUp,
    oneTimeTokens,
    mailedCodes,
    codeAttempts,
    factorChange,
    limiter,
    requestLimiter,
    totpSealer,
    mailer,
    productName(config.mail.from),
    clock,
  );
  const handlers: OutboxHandlers = {
    MAIL: mailHandler(transport, config.mail.from),
    PASSWORD_RESET_REQUEST: (request, _item, finish) => resetMail.answer(request, finish),
  };
  const breached = createBreachedPasswords(config.breachedPasswordsUrl, (message) => logger.warn(message));
  const newPasswords = new NewPasswords(hasher, breached);
  const users = new UserService(new NewPasswords(registrar, breached), clock);
  const addressChange = new AddressChange(oneTimeTokens, links, mailer, notifier, revoker, clock);
  const webAuthn = new WebAuthn(relyingPartyOf(config));
  return {
    hashers: { signIn: hasher, registration: registrar },
    users,
    verification,
    registration: new RegistrationService(users, verification),
    passwordChanges: new PasswordChangeService(
      passwords,
      newPasswords,
      admission,
      issuer,
      reader,
      revoker,
      notifier,
      clock,
    ),
    passwordResets: new PasswordResetService(
      outbox,
      requestLimiter,
      oneTimeTokens,
      newPasswords,
      revoker,
      notifier,
      clock,
    ),
    deletions: new DeletionService(passwords, revoker, mailer, clock),
    exports: new ExportService(exportedTables, stepUp, requestLimiter, events, clock),
    disavowals: new DisavowalService(oneTimeTokens, revoker, events, resetMail, clock),
    addresses: new AddressService(users, passwords, verification, addressChange, requestLimiter, oneTimeTokens, clock),
    auth: new AuthService(signIn, issuer, refresh, sessions, inspector, challenges),
    devices,
    challenges,
    enrolments,
    secondFactors: new SecondFactorService(passwords, factorChange),
    sessions,
    slidingTokens: new SlidingTokenService(signIn, reader, issuer, admission, config.tokens, metrics, clock),
    revoker,
    userAdmin: new UserAdminService(cursors, revoker, events),
    outstandingTokens: new OutstandingTokenService(cursors, revoker, config.tokens.leeway, clock),
    flush: new FlushService(retention, config.tokens.leeway, config.securityEventRetention, clock),
    securityEvents: new SecurityEventService(cursors),
    posts: new PostService(clock, cursors),
    oneTimeTokens,
    notifier,
    mailer,
    mailTransport: transport,
    passkeySignIn: new PasskeySignIn({
      ...{ webAuthn, accounts, limiter, gate, opener, issuer, events, hooks, logger, metrics, clock },
      challenges: new SignInChallenges(keys.derive('passkey-sign-ins'), clock),
    }),
    passkeys: new PasskeyService({
      ...{ webAuthn, users, stepUp, oneTimeTokens, revoker, events, notifier, clock },
      limiter: requestLimiter,
    }),
    outbox: new OutboxWorker(outbox, handlers, fork, clock, logger, config.http.shutdownTimeout / 2),
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
  [RegistrationResolver, ({ registration }) => new RegistrationResolver(registration)],
  [AddressResolver, ({ addresses }) => new AddressResolver(addresses)],
  [DeletionResolver, ({ deletions }) => new DeletionResolver(deletions)],
  [ExportResolver, ({ exports }) => new ExportResolver(exports)],
  [DisavowalResolver, ({ disavowals }) => new DisavowalResolver(disavowals)],
  [PasswordResolver, ({ passwordChanges, passwordResets }) => new PasswordResolver(passwordChanges, passwordResets)],
  [AuthResolver, ({ auth }) => new AuthResolver(auth)],
  [SlidingTokenResolver, ({ slidingTokens }) => new SlidingTokenResolver(slidingTokens)],
  [SessionResolver, ({ sessions }) => new SessionResolver(sessions)],
  [UserSessionsResolver, ({ sessions }) => new UserSessionsResolver(sessions)],
  [PasskeyResolver, ({ passkeys }) => new PasskeyResolver(passkeys)],
  [PasskeySignInResolver, ({ passkeySignIn }) => new PasskeySignInResolver(passkeySignIn)],
  [UserPasskeysResolver, () => new UserPasskeysResolver()],
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
