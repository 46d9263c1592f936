import type { Clock } from '../common/clock.js';
import { CursorCodec } from '../common/pagination/cursor.js';
import type { Config } from '../config.js';
import { AuthResolver } from './auth/auth.resolver.js';
import { AuthService } from './auth/auth.service.js';
import { FlushService } from './auth/maintenance/flush.service.js';
import { OneTimeTokens } from './auth/one-time-tokens/one-time-token.service.js';
import type { RevocationList } from './auth/revocation/revocation-list.js';
import { Revoker } from './auth/revocation/revoker.js';
import { RefreshService } from './auth/sessions/refresh.service.js';
import { RefreshToken } from './auth/sessions/refresh-token.entity.js';
import { Session } from './auth/sessions/session.entity.js';
import { SessionResolver } from './auth/sessions/session.resolver.js';
import { SessionService } from './auth/sessions/session.service.js';
import { AttemptLimiter } from './auth/sign-in/attempt-limiter.js';
import { SignInService } from './auth/sign-in/sign-in.service.js';
import type { SigningKeys } from './auth/tokens/signing-keys.js';
import type { TokenCodec } from './auth/tokens/token-codec.js';
import { TokenInspector } from './auth/tokens/token-inspector.js';
import { TokenIssuer } from './auth/tokens/token-issuer.js';
import { TokenReader } from './auth/tokens/token-reader.js';
import { Post } from './posts/post.entity.js';
import { PostResolver } from './posts/post.resolver.js';
import { PostService } from './posts/post.service.js';
import { UserPostsResolver } from './posts/user-posts.resolver.js';
import { SecurityEventRecorder } from './security-events/security-event.recorder.js';
import { PasswordHasher } from './users/password-hasher.js';
import { User } from './users/user.entity.js';
import { UserResolver } from './users/user.resolver.js';
import { UserService } from './users/user.service.js';

/** What the services are built from. */
export interface Dependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly codec: TokenCodec;
  readonly revocations: RevocationList;
  /** How long after its end a session may still have access tokens out, in milliseconds. */
  readonly retention: number;
}

export type Services = ReturnType<typeof createServices>;

/** Every table that has a class. */
export const entities = [User, Session, RefreshToken, Post];

/** Every service, built by hand; each lives as long as the app and keeps nothing of a request. */
export function createServices({ config, clock, keys, codec, revocations, retention }: Dependencies) {
  const { concurrency, queue } = config.passwordHashing;
  const hasher = new PasswordHasher({ concurrency, queue });
  // Of its own, so that no flood of new accounts keeps anybody from signing in.
  const registrar = new PasswordHasher({ concurrency: 1, queue: Math.ceil(queue / 5) });
  const cursors = new CursorCodec(keys.derive('cursors'));
  const reader = new TokenReader(codec);
  const issuer = new TokenIssuer(codec, config.tokens, clock);
  const events = new SecurityEventRecorder(clock);
  const revoker = new Revoker(revocations, events, clock);
  const limiter = new AttemptLimiter(config.signIn.limits, keys.derive('sign-in-attempts'), clock);
  const signIn = new SignInService(hasher, limiter, issuer, events, config.tokens.updateLastLogin, clock);
  const refresh = new RefreshService(reader, issuer, revoker, config.tokens, clock);
  const sessions = new SessionService(reader, revoker, clock);
  const inspector = new TokenInspector(reader, config.tokens, clock);
  return {
    users: new UserService(registrar, clock),
    auth: new AuthService(signIn, refresh, sessions, inspector),
    sessions,
    flush: new FlushService(retention, config.tokens.leeway, clock),
    posts: new PostService(clock, cursors),
    oneTimeTokens: new OneTimeTokens(keys.derive('one-time-tokens'), clock),
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
  [SessionResolver, ({ sessions }) => new SessionResolver(sessions)],
  [PostResolver, ({ posts }) => new PostResolver(posts)],
  [UserPostsResolver, ({ posts }) => new UserPostsResolver(posts)],
]);
