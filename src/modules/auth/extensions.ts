import type { UserRow } from '../users/user.queries.js';
import type { Device } from './sessions/refresh-token.queries.js';

/** What JSON can say. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A user as extensions see one: without the password's hash. */
export type ExtensionUser = Readonly<UserRow>;

/** Where a sign-in comes from. */
type LoginRequest = Pick<Device, 'ipAddress' | 'userAgent'>;

/** What a product may add to signing in; SimpleJWT has these hooks as dotted paths in its settings. docs/extensions.md shows each. */
export interface Extensions {
  /**
   * More claims for access and sliding tokens (SimpleJWT: an own `get_token`), asked for at every sign-in and every
   * refresh, so that they are never older than the token. At most 4,096 bytes of JSON, no name of Postern's own, and within
   * five seconds: else, or when it throws, the answer is INTERNAL_SERVER_ERROR, and nothing has been used up.
   */
  claims?(user: ExtensionUser): Readonly<Record<string, Json>> | Promise<Readonly<Record<string, Json>>>;
  /**
   * USER_AUTHENTICATION_RULE: whether the user may sign in, and refresh. Who is not active may not, whatever it says. A
   * refusal looks like a wrong password, or like a refresh token of nobody, and ends nothing. It fails as `claims` do.
   */
  userAuthenticationRule?(user: ExtensionUser): boolean | Promise<boolean>;
  /** ON_LOGIN_SUCCESS. Runs beside the answer, which does not wait for it; what it throws is logged. */
  onLoginSuccess?(user: ExtensionUser, request: LoginRequest): void | Promise<void>;
  /** ON_LOGIN_FAILED. It never gets the password. Runs beside the answer, like `onLoginSuccess`. */
  onLoginFailed?(credentials: { readonly username: string }, request: LoginRequest): void | Promise<void>;
}
