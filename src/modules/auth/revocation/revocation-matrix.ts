import type { SecurityEventType } from '../../security-events/security-event.types.js';

/** Whether something dies with a cause, or lives on. */
type Fate = 'ends' | 'stays';

/** What a cause does to a user's tokens. */
export interface Revocation {
  /** The cause in words, for docs. */
  readonly title: string;
  /** Written when the cause takes effect. */
  readonly event: SecurityEventType;
  /** What it happens to: sessions, which only end; the user; or a key, which needs nobody to end anything. */
  readonly of: 'session' | 'user' | 'key';
  /** The session that it happens to or in, if there is one, and with it the refresh token. */
  readonly refreshToken: Fate;
  /** That session's access tokens. They may end although the session stays: then a refresh gives out a new one. */
  readonly accessToken: Fate;
  /** The user's other sessions, with all of their tokens. */
  readonly otherSessions: Fate;
  /** Sign-ins that wait for their second factor. */
  readonly challenges: Fate;
  /** Links in mails. */
  readonly mailTokens: Fate;
  /** Devices that need no second factor. */
  readonly rememberedDevices: Fate;
}

const oneSession = {
  of: 'session',
  refreshToken: 'ends',
  accessToken: 'ends',
  otherSessions: 'stays',
  challenges: 'stays',
  mailTokens: 'stays',
  rememberedDevices: 'stays',
} as const;

const everything = {
  of: 'user',
  refreshToken: 'ends',
  accessToken: 'ends',
  otherSessions: 'ends',
  challenges: 'ends',
  mailTokens: 'ends',
  rememberedDevices: 'ends',
} as const;

/**
 * What ends what: the one place that decides it. `Revoker` obeys it, docs/revocation.md shows it, and each cell is a test.
 * The database's triggers repeat what concerns a user's row, for hands that change it without Postern.
 */
export const revocationMatrix = {
  LOGGED_OUT: { title: 'log out', event: 'logged_out', ...oneSession },
  LOGGED_OUT_EVERYWHERE: {
    title: 'log out everywhere',
    event: 'logged_out_everywhere',
    ...oneSession,
    otherSessions: 'ends',
    challenges: 'ends',
    rememberedDevices: 'ends',
  },
  SESSION_REVOKED: { title: '`revokeSession`', event: 'session_revoked', ...oneSession },
  TOKEN_REVOKED: { title: '`revokeToken`', event: 'token_revoked', ...oneSession },
  TOKEN_BLACKLISTED: { title: '`blacklistToken`', event: 'token_blacklisted', ...oneSession },
  TOKEN_REUSED: { title: 'a rotated refresh token is used again', event: 'token_reused', ...oneSession },
  SESSIONS_REVOKED: {
    title: '`revokeUserSessions`',
    event: 'sessions_revoked',
    ...oneSession,
    otherSessions: 'ends',
    challenges: 'ends',
    rememberedDevices: 'ends',
  },
  PASSWORD_CHANGED: {
    title: 'password change',
    event: 'password_changed',
    ...everything,
    // Of the session that changes it: the pair that it gets in answer goes on.
    refreshToken: 'stays',
  },
  PASSWORD_RESET: { title: 'password reset', event: 'password_reset', ...everything },
  DISAVOWED: { title: '“this was not me”', event: 'disavowed', ...everything },
  EMAIL_CHANGED: {
    title: 'e-mail change',
    event: 'email_changed',
    ...everything,
    refreshToken: 'stays',
    otherSessions: 'stays',
    rememberedDevices: 'stays',
  },
  ROLE_CHANGED: {
    title: 'role change',
    event: 'role_changed',
    ...oneSession,
    of: 'user',
    refreshToken: 'stays',
  },
  DEACTIVATED: { title: 'deactivation', event: 'user_deactivated', ...everything },
  DELETED: { title: 'deletion of the account', event: 'user_deleted', ...everything },
  SECOND_FACTOR_CHANGED: {
    title: 'second factor changed',
    event: 'second_factor_changed',
    ...oneSession,
    of: 'user',
    refreshToken: 'stays',
    accessToken: 'stays',
    otherSessions: 'ends',
    challenges: 'ends',
    rememberedDevices: 'ends',
  },
  PASSKEY_REMOVED: {
    title: '`removePasskey`',
    event: 'passkey_removed',
    ...oneSession,
    of: 'user',
    refreshToken: 'stays',
    accessToken: 'stays',
    otherSessions: 'ends',
    challenges: 'ends',
  },
  KEY_RETIRED: {
    title: 'the key that signed the tokens retires',
    event: 'signing_key_retired',
    ...oneSession,
    of: 'key',
  },
} as const satisfies Record<string, Revocation>;

/** A cause that somebody has to act on; a retired key is refused by its date. */
export type RevocationCause = Exclude<keyof typeof revocationMatrix, 'KEY_RETIRED'>;
