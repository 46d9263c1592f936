/** A proof of identity beside the password. */
export type SecondFactorMethod = 'EMAIL' | 'TOTP' | 'RECOVERY_CODE';
