/** Sign-ins that wait for their second factor, and factors that wait for their first code. */
export const challengePurposes = ['SIGN_IN_CHALLENGE', 'FACTOR_ENROLMENT'] as const;

/** Links in mails. */
export const mailPurposes = ['PASSWORD_RESET', 'EMAIL_VERIFICATION', 'EMAIL_CHANGE'] as const;

export type OneTimeTokenPurpose = (typeof challengePurposes)[number] | (typeof mailPurposes)[number];
