import type { CostLimit } from '../common/budget.js';
/** The program's settings, checked; every duration is in milliseconds. */
export interface Config {
  readonly environment: Environment;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly corsOrigins: readonly string[];
    readonly trustProxy: TrustProxy;
    /** Where links in mails point, without a slash at its end; its origin counts as the server's own. */
    readonly publicUrl: string;
    /** How long a stop may take before what still runs is cut. */
    readonly shutdownTimeout: number;
    /** In milliseconds; 0: none. */
    readonly eventLoopDelayLimit: number;
  };
  readonly graphql: {
    readonly introspection: boolean;
    readonly limits: {
      /** Words and signs of a document. */
      readonly tokens: number;
      /** Fields within fields. */
      readonly depth: number;
      readonly aliases: number;
      readonly rootFields: number;
      readonly directives: number;
      /** A field 1 and what is below it, which a connection multiplies by its page. */
      readonly cost: number;
    };
    /** The path of their manifest; null: every document may be run. */
    readonly trustedDocuments: string | null;
    /** What operations may cost together. */
    readonly costLimits: { readonly network: CostLimit; readonly user: CostLimit };
  };
  readonly database: {
    /** Null: the embedded PostgreSQL in `dataDir`. */
    readonly url: string | null;
    readonly dataDir: string;
    readonly migrateOnStart: boolean;
    readonly poolSize: number;
    /** 0: no limit. */
    readonly statementTimeout: number;
    /** 0: no limit. */
    readonly idleInTransactionTimeout: number;
  };
  readonly tokens: TokenSettings;
  readonly keys: ManagedKeySettings;
  readonly signIn: {
    readonly limits: { readonly pair: AttemptLimit; readonly address: AttemptLimit; readonly account: AttemptLimit };
  };
  readonly passwordHashing: {
    readonly concurrency: number;
    /** How many may wait for their turn before more are refused. */
    readonly queue: number;
  };
  readonly mail: {
    /** Null: each mail becomes a file in `dataDir`. */
    readonly smtpUrl: string | null;
    readonly from: string;
    readonly language: MailLanguage;
    readonly requireVerifiedEmail: boolean;
  };
  readonly secondFactors: SecondFactorSettings;
  /** Null: no service is asked. */
  readonly breachedPasswordsUrl: string | null;
  readonly metrics: {
    /** What /metrics wants to see; null: there is none on the server's own port. */
    readonly token: string | null;
    readonly host: string;
    /** 0: there is no port for them. */
    readonly port: number;
  };
  /** How often the server purges expired tokens; 0: never. */
  readonly flushInterval: number;
  /** How old a security event becomes before it is purged; 0: never is. */
  readonly securityEventRetention: number;
  readonly logLevel: LogLevel;
}

export const environments = ['development', 'test', 'production'] as const;
export type Environment = (typeof environments)[number];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

/** Whose forwarded addresses count: nobody's, those of so many hops, or those of the listed networks. */
export type TrustProxy = false | number | readonly string[];

/** So many failures within a window of milliseconds. */
export interface AttemptLimit {
  readonly attempts: number;
  readonly window: number;
}

/** The languages that there are mails in. */
export const mailLanguages = ['en', 'de'] as const;
export type MailLanguage = (typeof mailLanguages)[number];

export const secondFactorRequirements = ['none', 'admin', 'all'] as const;

export interface SecondFactorSettings {
  /** Who cannot sign in by password alone. */
  readonly required: (typeof secondFactorRequirements)[number];
  /** Wrong codes of an account, whatever challenge they were for. */
  readonly attemptLimit: AttemptLimit;
  /** 0: no device is remembered. */
  readonly rememberedDeviceLifetime: number;
}

/** All that jsonwebtoken signs, but `none`. */
export const jwtAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** The types of tokens that may be sent as bearers. */
export const authTokenClasses = ['access', 'sliding'] as const;
export type AuthTokenClass = (typeof authTokenClasses)[number];

/** Signing keys that are managed by `npm run keys`, and what encrypts them. */
export interface ManagedKeySettings {
  /** Whether the tokens are signed with managed keys: an asymmetric algorithm, and a place for private keys. */
  readonly managed: boolean;
  /** 32 bytes, or null. */
  readonly encryptionKey: Buffer | null;
  /** The directory of private keys, or null. */
  readonly directory: string | null;
  /** How long a key is accepted after another has taken its place, in milliseconds. */
  readonly overlap: number;
}

export interface TokenSettings {
  readonly algorithm: JwtAlgorithm;
  /** Secret text or PEM; null, in production only with managed keys: made at first start. */
  readonly signingKey: string | null;
  readonly verifyingKey: string | null;
  /** Where another issuer, whose access tokens are trusted, publishes its keys. */
  readonly jwkUrl: string | null;
  readonly issuer: string | null;
  /** One: tokens say it; several: they list them, and a token for any of them is taken. */
  readonly audience: readonly string[];
  readonly leeway: number;
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly rotateRefreshTokens: boolean;
  readonly blacklistAfterRotation: boolean;
  readonly updateLastLogin: boolean;
  readonly rotationGracePeriod: number;
  /** The first is the one that answers name. */
  readonly authHeaderTypes: readonly string[];
  readonly authHeaderName: string;
  /** With `sliding` there are sliding tokens at all. */
  readonly authTokenClasses: readonly AuthTokenClass[];
  readonly slidingTokenLifetime: number;
  readonly slidingTokenRefreshLifetime: number;
  readonly claims: {
    readonly userId: string;
    readonly jti: string;
    readonly tokenType: string;
    readonly refreshExp: string;
  };
}
