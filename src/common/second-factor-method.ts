/** A proof of identity beside the password. */
export type SecondFactorMethod = 'EMAIL' | 'TOTP' | 'RECOVERY_CODE';

/** A factor that a user sets up; recovery codes come with the first one, and go with the last. */
export type FactorMethod = Exclude<SecondFactorMethod, 'RECOVERY_CODE'>;
