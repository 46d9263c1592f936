import {
  databaseUrl,
  explorerOrigins,
  host,
  jwkUrl,
  mailbox,
  origins,
  publicUrl,
  smtpUrl,
  trustProxy,
} from './addresses.js';
import { unescapePem } from './keys.js';
import { hideAll, hidePassword, hideQuery } from './masks.js';
import { attemptLimit, costLimit, duration, flag, integer, line, oneOf, secretText } from './parsers.js';
import { define, type Section } from './setting.js';
import {
  audiences,
  bearerTypes,
  claimName,
  encryptionKey,
  headerName,
  headerTypes,
  scrapeToken,
} from './token-parsers.js';
import { environments, jwtAlgorithms, logLevels, mailLanguages, secondFactorRequirements } from './types.js';

const longestLifetime = '3650d';

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
    defaultText: 'none: http://localhost and the port; in production required',
    description: "Where links in mails point; its origin counts as the server's own, and its host names passkeys.",
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
  queryTokenLimit: define('QUERY_TOKEN_LIMIT', {
    default: '2000',
    parser: integer(100, 15_000),
    description: 'How many words and signs a document may have; the introspection of GraphiQL has some 500.',
  }),
  queryDepthLimit: define('QUERY_DEPTH_LIMIT', {
    default: '15',
    parser: integer(1, 1_000),
    description: 'How many fields deep an operation may be; below `__schema` and `__type` nothing is counted.',
  }),
  queryAliasLimit: define('QUERY_ALIAS_LIMIT', {
    default: '50',
    parser: integer(0, 1_000),
    description: 'How many aliases an operation may have, those of fragments wherever they are spread.',
  }),
  queryRootFieldLimit: define('QUERY_ROOT_FIELD_LIMIT', {
    default: '20',
    parser: integer(1, 1_000),
    description: 'How many fields an operation may have at its root.',
  }),
  queryDirectiveLimit: define('QUERY_DIRECTIVE_LIMIT', {
    default: '50',
    parser: integer(0, 1_000),
    description: 'How many directives an operation may have, those of fragments wherever they are spread.',
  }),
  trustedDocuments: define('TRUSTED_DOCUMENTS', {
    default: null,
    parser: line.nullable(),
    description:
      'A JSON file of documents by their ids, as GraphQL Code Generator writes it: nothing else is run then, not even introspection.',
  }),
  networkCostLimit: define('COST_LIMIT_NETWORK', {
    default: '1000000/10s',
    parser: costLimit,
    description:
      'What the operations of one address (of a /64 for IPv6) may cost together in a time, on each instance; RATE_LIMITED beyond it.',
  }),
  userCostLimit: define('COST_LIMIT_USER', {
    default: '1000000/10s',
    parser: costLimit,
    description: 'The same for the operations of one signed-in user.',
  }),
  eventLoopDelayLimit: define('EVENT_LOOP_DELAY_LIMIT', {
    default: '1s',
    parser: duration({ min: '0s', max: '1m' }),
    description:
      'How late the event loop may be before new GraphQL requests are answered with 503 until it has caught up; 0s: never.',
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
  securityEventRetention: define('SECURITY_EVENT_RETENTION', {
    default: '365d',
    parser: duration({ min: '30d', max: longestLifetime, orZero: true }),
    description: 'How old security events become before that purge takes them, too; 0s keeps them for ever.',
  }),
};

export const tokens = {
  signingKey: define('JWT_SIGNING_KEY', {
    default: null,
    defaultText:
      'outside production made at first start and kept in `DATA_DIR`; in production required, unless keys are managed',
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
  keyEncryptionKey: define('KEY_ENCRYPTION_KEY', {
    default: null,
    parser: encryptionKey.nullable(),
    mask: hideAll,
    fromFile: true,
    description:
      'The key that encrypts what the database keeps secret: 32 random bytes in base64 (openssl rand -base64 32). With an RS, PS or ES algorithm the signing keys are then managed by `npm run keys`.',
  }),
  keysDir: define('JWT_KEYS_DIR', {
    default: null,
    parser: line.nullable(),
    description:
      'A directory for the private parts of managed signing keys, `<kid>.pem` each, that only the server may read; for who wants none in the database.',
  }),
  keyOverlap: define('JWT_KEY_OVERLAP', {
    default: null,
    defaultText: 'none: as long as a refresh or sliding token can be used, with the leeway and a minute',
    parser: duration({ max: longestLifetime }).nullable(),
    description: 'How long a managed key is still accepted after another has taken its place.',
  }),
  jwkUrl: define('JWT_JWK_URL', {
    default: null,
    parser: jwkUrl.nullable(),
    mask: hideQuery,
    description:
      'The JWK Set of another issuer whose access tokens are trusted too, at https:// in production; set JWT_ISSUER or JWT_AUDIENCE with it.',
  }),
  issuer: define('JWT_ISSUER', {
    default: null,
    parser: line.nullable(),
    description: 'The `iss` claim that tokens carry and must carry.',
  }),
  audience: define('JWT_AUDIENCE', {
    default: '',
    parser: audiences,
    description:
      'The `aud` claim that tokens carry and must carry; comma-separated where there are several, and one of them is enough.',
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
  authTokenClasses: define('JWT_AUTH_TOKEN_CLASSES', {
    default: 'access',
    parser: bearerTypes,
    description:
      'The types of tokens that are accepted as bearers, comma-separated: access, sliding. Without sliding there are no sliding tokens.',
  }),
  slidingTokenLifetime: define('JWT_SLIDING_TOKEN_LIFETIME', {
    default: '5m',
    parser: duration({ min: '1s', max: longestLifetime }),
    description: 'How long a sliding token is valid until it is refreshed; at most as long as it can be.',
  }),
  slidingTokenRefreshLifetime: define('JWT_SLIDING_TOKEN_REFRESH_LIFETIME', {
    default: '1d',
    parser: duration({ min: '1s', max: longestLifetime }),
    description: 'How long after its sign-in a sliding token can be refreshed.',
  }),
  slidingTokenRefreshExpClaim: define('JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM', {
    default: 'refresh_exp',
    parser: claimName,
    description: 'The claim that says until when a sliding token can be refreshed.',
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
  breachedPasswordsUrl: define('BREACHED_PASSWORDS_URL', {
    default: null,
    parser: publicUrl.nullable(),
    description:
      'A service that knows breached passwords by the first five digits of their SHA-1, such as https://api.pwnedpasswords.com/range: new passwords are held against it, or taken unchecked while it is away.',
  }),
};

export const secondFactors = {
  required: define('REQUIRE_SECOND_FACTOR', {
    default: 'none',
    parser: oneOf(secondFactorRequirements),
    description:
      'Who cannot sign in by password alone: none, admin or all. Who has set up no second factor gets codes by e-mail.',
  }),
  attemptLimit: define('SECOND_FACTOR_LIMIT', {
    default: '20/1d',
    parser: attemptLimit,
    description:
      'How many codes of second factors may be wrong in a time per account, whatever challenge they were for.',
  }),
  rememberedDeviceLifetime: define('REMEMBERED_DEVICE_LIFETIME', {
    default: '30d',
    parser: duration({ min: '1h', max: '365d', orZero: true }),
    description: 'How long a device that asks for it needs no second factor; 0s remembers none.',
  }),
};

export const mail = {
  smtpUrl: define('SMTP_URL', {
    default: null,
    parser: smtpUrl.nullable(),
    mask: hidePassword,
    defaultText: 'none: each mail becomes a file in `DATA_DIR/outbox`; in production required',
    fromFile: true,
    description:
      'The mail server, as smtp://user:password@host:port, or smtps:// for TLS from the first byte; a password goes to other machines under TLS only.',
  }),
  from: define('MAIL_FROM', {
    default: null,
    parser: mailbox.nullable(),
    defaultText: 'none: Postern <postern@localhost>; in production required',
    description: 'The sender of mails, to whom bounces go, as Postern <postern@example.com>.',
  }),
  language: define('MAIL_LANGUAGE', {
    default: 'en',
    parser: oneOf(mailLanguages),
    description: `The language of mails: ${mailLanguages.join(', ')}.`,
  }),
  requireVerifiedEmail: define('REQUIRE_VERIFIED_EMAIL', {
    default: 'false',
    parser: flag,
    description:
      'Whether only users with a verified address may sign in; a sign-in before that mails the link once more.',
  }),
};

export const metrics = {
  token: define('METRICS_TOKEN', {
    default: null,
    parser: scrapeToken.nullable(),
    mask: hideAll,
    fromFile: true,
    description:
      'What Prometheus sends as a bearer token for /metrics, 32 characters or more (openssl rand -hex 32); without it there is no such page.',
  }),
  port: define('METRICS_PORT', {
    default: '0',
    parser: integer(0, 65_535),
    defaultText: '0: none',
    description: 'A port of its own for /metrics, which whoever reaches it can read.',
  }),
  host: define('METRICS_HOST', {
    default: '127.0.0.1',
    parser: host,
    description: 'The address that `METRICS_PORT` is on.',
  }),
};

/** Every environment variable, in the order of the docs. */
export const sections: readonly Section[] = [
  { title: 'Server', settings: Object.values(server) },
  { title: 'Database', settings: Object.values(database) },
  { title: 'Tokens', settings: Object.values(tokens) },
  { title: 'Sign-in', settings: Object.values(signIn) },
  { title: 'Second factors', settings: Object.values(secondFactors) },
  { title: 'Mail', settings: Object.values(mail) },
  { title: 'Metrics', settings: Object.values(metrics) },
];

export const allSettings = sections.flatMap(({ settings }) => settings);
