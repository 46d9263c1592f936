/** Every type of security event, with what it tells. A word once used keeps its meaning: clients match on it. */
export const securityEventTypes = {
  signed_in: 'A session began.',
  new_device: 'A session began in a place or with a program that the account had not been used from.',
  sign_in_failed: 'A password was wrong, or a passkey, whose id is the detail, or the account is inactive.',
  confirmation_failed: 'The password was asked for again within a session, and was wrong.',
  second_factor_asked: 'A password was right, and a code of a second factor was asked for.',
  second_factor_failed: 'A code was wrong; its method is the detail.',
  device_remembered: 'A device was remembered, so that it needs no second factor for a while.',
  device_forgotten: 'The user made a remembered device need a second factor again.',
  codes_guessed: 'So many codes were wrong that no more are taken for a while.',
  logged_out: 'The user ended a session.',
  logged_out_everywhere: 'The user ended all of their sessions.',
  session_revoked: 'The user ended another of their sessions.',
  token_revoked: 'Somebody who held a token of the session ended it.',
  token_blacklisted: 'An admin blacklisted a refresh token, whose jti is the detail.',
  token_reused: 'A refresh token was used again after its rotation, and its session ended.',
  sessions_revoked: 'An admin ended all sessions of the user.',
  password_changed: 'The user chose another password.',
  password_reset_requested: 'Somebody asked for another password, and a link was mailed to the user.',
  password_reset: 'Somebody who reads the user’s mail chose another password.',
  email_changed: 'The user has another e-mail address.',
  second_factor_changed: 'A second factor was added, removed or replaced; its method is the detail.',
  passkey_added: 'The user can sign in with another passkey, whose id is the detail.',
  passkey_copied:
    'The counter of a passkey, whose id is the detail, had not gone on, as if there were two of it: the sign-in failed.',
  passkey_removed: 'A passkey, whose id is the detail, signs in no more.',
  disavowed: 'The user said of a notice that it was not them: what was done since is taken back.',
  data_exported: 'The user took a copy of all that is stored about them.',
  role_changed: 'The user has another role, which is the detail.',
  user_activated: 'The account was opened again.',
  user_deactivated: 'The account was closed.',
  user_deleted: 'The account is gone.',
  signing_key_generated: 'There is a new key, whose kid is the detail.',
  signing_key_activated: 'Another key signs; its kid is the detail.',
  signing_key_retired: 'A key is no longer accepted once its overlap is over; its kid is the detail.',
} as const;

export type SecurityEventType = keyof typeof securityEventTypes;

/** Where an event came from. */
export interface EventOrigin {
  /** Who did it, if that is known: the user, an admin, or nobody where a command or a stranger did. */
  readonly actorId: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** An event that is about to be written; nothing in it is secret, and nothing of it was typed by a stranger but the user agent. */
export interface NewSecurityEvent extends EventOrigin {
  readonly type: SecurityEventType;
  /** Whom it happened to. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly detail?: string | null;
}
