import { databaseUrl, explorerOrigins, host, mailbox, origins, publicUrl, smtpUrl, trustProxy } from './addresses.js';
import { unescapePem } from './keys.js';
import { hideAll, hidePassword } from './masks.js';
import { attemptLimit, duration, flag, integer, line, oneOf, secretText } from './parsers.js';
import { define, type Section } from './setting.js';
import { claimName, headerName, headerTypes } from './token-parsers.js';
import { environments, jwtAlgorithms, logLevels } from './types.js';

export const server = {
  environment: define('NODE_ENV', {
    default: 'development',
    parser: oneOf(environments),
    description: 'What the server runs for: development, test or production.',
  }),
  host: define('HOST', {
    default: '127.0.0.1',
    productionDefault: '0.0.0.0',
    parser: host,
    description: 'The address to listen on.',
  }),
  port: define('PORT', {
    default: '4000',
    parser: integer(0, 65_535),
    description: 'The port to listen on; 0 takes any free one.',
  }),
  publicUrl: define('PUBLIC_URL', {
    default: null,
    parser: publicUrl.nullable(),
    description: "Where links in mails point; its origin counts as the server's own.",
  }),
  corsOrigins: define('CORS_ORIGINS', {
    default: '',
    addedOutsideProduction: explorerOrigins,
    parser: origins,
    description: `The origins that browsers may call from, comma-separated; outside production ${explorerOrigins.replace(',', ' and ')} are added.`,
  }),
  trustProxy: define('TRUST_PROXY', {
    default: 'false',
    parser: trustProxy,
    description:
      "Whose X-Forwarded-For counts: false (nobody's), true (the rightmost address), a number of hops, or a list of networks.",
  }),
  introspection: define('INTROSPECTION', {
    default: 'true',
    productionDefault: 'false',
    parser: flag,
    description: 'Whether clients may ask for the schema.',
  }),
  queryCostLimit: define('QUERY_COST_LIMIT', {
    default: '10000',
    parser: integer(1, 1_000_000),
    description:
      'What an operation may cost: each field 1 and what is below it, in a connection times its page size (20 when not given).',
  }),
  logLevel: define('LOG_LEVEL', {
    default: 'info',
    parser: oneOf(logLevels),
    description: `The least severe level that is logged: ${logLevels.join(', ')}.`,
  }),
  shutdownTimeout: define('SHUTDOWN_TIMEOUT', {
    default: '10s',
    parser: duration({ min: '1s' }),
    description: 'How long requests in flight may take to finish when the server stops.',
  }),
};

export const database = {
  url: define('DATABASE_URL', {
    default: null,
    defaultText: 'none: the embedded PostgreSQL in `DATA_DIR`',
    parser: databaseUrl.nullable(),
    mask: hidePassword,
    fromFile: true,
    description: 'The PostgreSQL to use, as postgres://user:password@host:port/database.',
  }),
  dataDir: define('DATA_DIR', {
    default: '.data',
    parser: line,
    description: 'The directory of the embedded database and of keys made at first start.',
  }),
  migrateOnStart: define('MIGRATE_ON_START', {
    default: 'true',
    parser: flag,
    description: 'Whether the server applies pending migrations when it starts.',
  }),
  poolSize: define('DATABASE_POOL_SIZE', {
    default: '10',
    parser: integer(1, 1_000),
    description: 'The most connections that one server opens to PostgreSQL.',
  }),
  statementTimeout: define('DATABASE_STATEMENT_TIMEOUT', {
    default: '10s',
    parser: duration(),
    description: 'How long a statement may run on PostgreSQL; 0s sets no limit.',
  }),
  idleInTransactionTimeout: define('DATABASE_IDLE_IN_TRANSACTION_TIMEOUT', {
    default: '10s',
    parser: duration(),
    description: 'How long a transaction may idle on PostgreSQL; 0s sets no limit.',
  }),
  flushInterval: define('FLUSH_INTERVAL', {
    default: '1h',
    parser: duration(),
    description: 'How often the server purges expired tokens; 0s switches it off.',
  }),
};

const longestLifetime = '3650d';

export const tokens = {
  signingKey: define('JWT_SIGNING_KEY', {
    default: null,
    defaultText: 'outside production made at first start and kept in `DATA_DIR`; in production required',
    parser: secretText.transform(unescapePem).nullable(),
    mask: hideAll,
    fromFile: true,
    description:
      'The secret (HS256: 32 bytes or more, HS384: 48, HS512: 64) or the private key (PEM, newlines as such or as \\n) that signs tokens.',
  }),
  algorithm: define('JWT_ALGORITHM', {
    default: 'HS256',
    parser: oneOf(jwtAlgorithms),
    description: `How tokens are signed: ${jwtAlgorithms.join(', ')}.`,
  }),
  verifyingKey: define('JWT_VERIFYING_KEY', {
    default: null,
    defaultText: 'none: derived from the signing key',
    parser: secretText.transform(unescapePem).nullable(),
    mask: hideAll,
    fromFile: true,
    description: 'The public key (PEM) that checks tokens; it must fit the signing key.',
  }),
  issuer: define('JWT_ISSUER', {
    default: null,
    parser: line.nullable(),
    description: 'The `iss` claim that tokens carry and must carry.',
  }),
  audience: define('JWT_AUDIENCE', {
    default: null,
    parser: line.nullable(),
    description: 'The `aud` claim that tokens carry and must carry.',
  }),
  leeway: define('JWT_LEEWAY', {
    default: '0s',
    parser: duration(),
    description: "How far clocks may differ when a token's times are checked.",
  }),
  accessTokenLifetime: define('JWT_ACCESS_TOKEN_LIFETIME', {
    default: '5m',
    parser: duration({ min: '1s', max: longestLifetime }),
    description: 'How long an access token is valid; at most as long as a refresh token.',
  }),
  refreshTokenLifetime: define('JWT_REFRESH_TOKEN_LIFETIME', {
    default: '1d',
    parser: duration({ min: '1s', max: longestLifetime }),
    description: 'How long a refresh token is valid.',
  }),
  rotateRefreshTokens: define('JWT_ROTATE_REFRESH_TOKENS', {
    default: 'true',
    parser: flag,
    description: 'Whether a refresh answers with a new refresh token.',
  }),
  blacklistAfterRotation: define('JWT_BLACKLIST_AFTER_ROTATION', {
    default: 'true',
    parser: flag,
    description: 'Whether the old refresh token ends when a new one is made.',
  }),
  updateLastLogin: define('JWT_UPDATE_LAST_LOGIN', {
    default: 'true',
    parser: flag,
    description: "Whether a sign-in is noted as the user's last one.",
  }),
  rotationGracePeriod: define('JWT_ROTATION_GRACE_PERIOD', {
    default: '10s',
    parser: duration(),
    description: 'How long a rotated refresh token still answers with its successor; 0s for not at all.',
  }),
  authHeaderTypes: define('JWT_AUTH_HEADER_TYPES', {
    default: 'Bearer',
    parser: headerTypes,
    description: 'The authentication schemes accepted before the token, comma-separated; answers name the first.',
  }),
  authHeaderName: define('JWT_AUTH_HEADER_NAME', {
    default: 'Authorization',
    parser: headerName,
    description: 'The header that carries the access token.',
  }),
  userIdClaim: define('JWT_USER_ID_CLAIM', {
    default: 'user_id',
    parser: claimName,
    description: "The claim that holds the user's id.",
  }),
  jtiClaim: define('JWT_JTI_CLAIM', {
    default: 'jti',
    parser: claimName,
    description: "The claim that holds the token's own id.",
  }),
  tokenTypeClaim: define('JWT_TOKEN_TYPE_CLAIM', {
    default: 'token_type',
    parser: claimName,
    description: 'The claim that tells access tokens from refresh tokens.',
  }),
};

export const signIn = {
  pairLimit: define('SIGN_IN_LIMIT_PAIR', {
    default: '10/5m',
    parser: attemptLimit,
    description: 'How many sign-ins may fail in a time per account and address.',
  }),
  addressLimit: define('SIGN_IN_LIMIT_ADDRESS', {
    default: '100/5m',
    parser: attemptLimit,
    description: 'How many sign-ins may fail in a time per address.',
  }),
  accountLimit: define('SIGN_IN_LIMIT_ACCOUNT', {
    default: '100/1h',
    parser: attemptLimit,
    description: 'How many sign-ins may fail in a time per account, from addresses it never signed in from.',
  }),
  hashConcurrency: define('PASSWORD_HASH_CONCURRENCY', {
    default: '2',
    parser: integer(1, 128),
    description:
      'How many passwords of sign-ins are hashed at once, each on a core and 19 MiB; new accounts have one place beside them.',
  }),
  hashQueue: define('PASSWORD_HASH_QUEUE', {
    default: '100',
    parser: integer(0, 100_000),
    description: 'How many sign-ins may wait for a hash before more are answered with SERVICE_UNAVAILABLE.',
  }),
};

export const mail = {
  smtpUrl: define('SMTP_URL', {
    default: null,
    parser: smtpUrl.nullable(),
    mask: hidePassword,
    description: 'The mail server, as smtp://user:password@host:port; this version sends no mail yet.',
  }),
  from: define('MAIL_FROM', {
    default: null,
    parser: mailbox.nullable(),
    description: 'The sender of mails; this version sends none yet.',
  }),
  requireVerifiedEmail: define('REQUIRE_VERIFIED_EMAIL', {
    default: 'false',
    parser: flag.refine(
      (required) => !required,
      'must be false: this version sends no mail yet, so nobody could ever verify an address',
    ),
    description: 'Whether only users with a verified address may sign in; not possible before mails are sent.',
  }),
};

/** Every environment variable, in the order of the docs. */
export const sections: readonly Section[] = [
  { title: 'Server', settings: Object.values(server) },
  { title: 'Database', settings: Object.values(database) },
  { title: 'Tokens', settings: Object.values(tokens) },
  { title: 'Sign-in', settings: Object.values(signIn) },
  { title: 'Mail', settings: Object.values(mail) },
];

export const allSettings = sections.flatMap(({ settings }) => settings);
