/** Sign-ins that wait for their second factor or a passkey's answer, and factors that wait for their first code. */
export const challengePurposes = [
  'SIGN_IN_CHALLENGE',
  'FACTOR_ENROLMENT',
  'PASSKEY_REGISTRATION',
  'PASSKEY_SIGN_IN',
] as const;

/** Links in mails. */
export const mailPurposes = ['PASSWORD_RESET', 'EMAIL_VERIFICATION', 'EMAIL_CHANGE'] as const;

/** A notice's “this was not me”: it has to outlive whatever a thief changes next, and ends with its time or the account. */
export type OneTimeTokenPurpose = (typeof challengePurposes)[number] | (typeof mailPurposes)[number] | 'DISAVOWAL';
