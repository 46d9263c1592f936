import fc from 'fast-check';
import { loadConfig } from '../../src/config.js';

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const explorers = ['https://studio.apollographql.com', 'https://sandbox.embed.apollographql.com'];

describe('durations', () => {
  const limit = 24 * milliseconds.d;
  const units = fc.constantFrom<keyof typeof milliseconds>('s', 'm', 'h', 'd');

  test('a whole number with its unit is that many milliseconds, up to the limit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3_000_000 }), units, (count, unit) => {
        const expected = count * milliseconds[unit];
        const read = () => loadConfig({ JWT_LEEWAY: `${count}${unit}` }).tokens.leeway;
        if (expected <= limit) expect(read()).toBe(expected);
        else expect(read).toThrow(/^JWT_LEEWAY must be a duration/);
      }),
    );
  });

  test('anything else is refused', () => {
    const others = fc.string({ minLength: 1 }).filter((text) => !/^\d+[smhd]$/.test(text));
    fc.assert(
      fc.property(others, (text) => {
        expect(() => loadConfig({ JWT_LEEWAY: text })).toThrow(/^JWT_LEEWAY must be a duration/);
      }),
    );
  });

  test('sign-in limits join a count and a duration', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 365 }),
        units,
        (attempts, count, unit) => {
          const { pair } = loadConfig({ SIGN_IN_LIMIT_PAIR: `${attempts}/${count}${unit}` }).signIn.limits;
          expect(pair).toEqual({ attempts, window: count * milliseconds[unit] });
        },
      ),
    );
  });
});

test.each([
  ['false', false],
  ['true', 1],
  ['0', false],
  ['2', 2],
  ['10.0.0.1', ['10.0.0.1']],
  ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
])('TRUST_PROXY=%s is %j', (text, expected) => {
  expect(loadConfig({ TRUST_PROXY: text }).http.trustProxy).toEqual(expected);
});

test.each([
  ['https://example.com', ['https://example.com']],
  ['HTTPS://Example.com:443', ['https://example.com']],
  ['http://localhost:3000, https://example.com:8443', ['http://localhost:3000', 'https://example.com:8443']],
  ['https://a.example,https://a.example', ['https://a.example']],
  ['http://[::1]:3000', ['http://[::1]:3000']],
  ['capacitor://localhost', ['capacitor://localhost']],
])('CORS_ORIGINS=%s is read as browsers spell origins, and the explorers are added', (text, expected) => {
  expect(loadConfig({ CORS_ORIGINS: text }).http.corsOrigins).toEqual([...expected, ...explorers]);
});

test.each([
  ['https://example.com', 'https://example.com'],
  ['https://example.com/', 'https://example.com'],
  ['http://localhost:3000/app/', 'http://localhost:3000/app'],
])('PUBLIC_URL=%s is kept without a slash at its end', (text, expected) => {
  expect(loadConfig({ PUBLIC_URL: text }).http.publicUrl).toBe(expected);
});

test.each(['postern@example.com', 'Postern <postern@example.com>'])('MAIL_FROM may be %s', (text) => {
  expect(loadConfig({ MAIL_FROM: text }).mail.from).toBe(text);
});

test.each([
  'postgres://user:word@localhost:5432/postern?sslmode=require',
  'postgresql://localhost/postern',
  'postgres:///postern?host=/run/postgresql',
])('DATABASE_URL may be %s', (text) => {
  expect(loadConfig({ DATABASE_URL: text }).database.url).toBe(text);
});

test('every other setting arrives where the program looks for it', () => {
  const config = loadConfig({
    PORT: '0',
    HOST: 'localhost',
    INTROSPECTION: 'false',
    QUERY_COST_LIMIT: '1',
    QUERY_TOKEN_LIMIT: '100',
    TRUSTED_DOCUMENTS: '/etc/postern/documents.json',
    COST_LIMIT_NETWORK: '7/1s',
    COST_LIMIT_USER: '8/2s',
    EVENT_LOOP_DELAY_LIMIT: '0s',
    QUERY_DEPTH_LIMIT: '2',
    QUERY_ALIAS_LIMIT: '3',
    QUERY_ROOT_FIELD_LIMIT: '4',
    QUERY_DIRECTIVE_LIMIT: '5',
    LOG_LEVEL: 'silent',
    SHUTDOWN_TIMEOUT: '1s',
    DATA_DIR: '/var/lib/postern',
    MIGRATE_ON_START: 'false',
    DATABASE_POOL_SIZE: '3',
    DATABASE_STATEMENT_TIMEOUT: '0s',
    DATABASE_IDLE_IN_TRANSACTION_TIMEOUT: '4s',
    FLUSH_INTERVAL: '0s',
    SECURITY_EVENT_RETENTION: '0s',
    JWT_ISSUER: 'https://id.example',
    JWT_AUDIENCE: 'api, https://b.example',
    JWT_LEEWAY: '5s',
    JWT_ACCESS_TOKEN_LIFETIME: '1d',
    JWT_REFRESH_TOKEN_LIFETIME: '1d',
    JWT_ROTATE_REFRESH_TOKENS: 'false',
    JWT_BLACKLIST_AFTER_ROTATION: 'false',
    JWT_UPDATE_LAST_LOGIN: 'false',
    JWT_ROTATION_GRACE_PERIOD: '0s',
    JWT_AUTH_HEADER_TYPES: 'JWT, Bearer',
    JWT_AUTH_HEADER_NAME: 'X-Token',
    JWT_USER_ID_CLAIM: 'sub',
    JWT_JTI_CLAIM: 'id',
    JWT_TOKEN_TYPE_CLAIM: 'https://example.com/type',
    JWT_AUTH_TOKEN_CLASSES: 'sliding, access',
    JWT_SLIDING_TOKEN_LIFETIME: '2m',
    JWT_SLIDING_TOKEN_REFRESH_LIFETIME: '2h',
    JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM: 'renew_until',
    SIGN_IN_LIMIT_ADDRESS: '2/1s',
    SIGN_IN_LIMIT_ACCOUNT: '3/2s',
    PASSWORD_HASH_CONCURRENCY: '4',
    PASSWORD_HASH_QUEUE: '0',
    BREACHED_PASSWORDS_URL: 'https://passwords.example.com/range/',
    REQUIRE_SECOND_FACTOR: 'admin',
    SECOND_FACTOR_LIMIT: '5/1h',
    REMEMBERED_DEVICE_LIFETIME: '0s',
    SMTP_URL: 'smtp://localhost:1025',
    MAIL_LANGUAGE: 'de',
    REQUIRE_VERIFIED_EMAIL: 'true',
    METRICS_TOKEN: 'm'.repeat(32),
    METRICS_PORT: '9464',
    METRICS_HOST: '::1',
  });
  expect(config).toMatchObject({
    http: { port: 0, host: 'localhost', shutdownTimeout: 1_000, eventLoopDelayLimit: 0 },
    graphql: {
      introspection: false,
      limits: { tokens: 100, depth: 2, aliases: 3, rootFields: 4, directives: 5, cost: 1 },
      trustedDocuments: '/etc/postern/documents.json',
      costLimits: { network: { cost: 7, window: 1_000 }, user: { cost: 8, window: 2_000 } },
    },
    logLevel: 'silent',
    flushInterval: 0,
    securityEventRetention: 0,
    breachedPasswordsUrl: 'https://passwords.example.com/range',
    secondFactors: {
      required: 'admin',
      attemptLimit: { attempts: 5, window: 3_600_000 },
      rememberedDeviceLifetime: 0,
    },
    mail: { smtpUrl: 'smtp://localhost:1025', language: 'de', requireVerifiedEmail: true },
    database: {
      dataDir: '/var/lib/postern',
      migrateOnStart: false,
      poolSize: 3,
      statementTimeout: 0,
      idleInTransactionTimeout: 4_000,
    },
    tokens: {
      issuer: 'https://id.example',
      audience: ['api', 'https://b.example'],
      leeway: 5_000,
      accessTokenLifetime: milliseconds.d,
      refreshTokenLifetime: milliseconds.d,
      rotateRefreshTokens: false,
      blacklistAfterRotation: false,
      updateLastLogin: false,
      rotationGracePeriod: 0,
      authHeaderTypes: ['JWT', 'Bearer'],
      authHeaderName: 'X-Token',
      authTokenClasses: ['sliding', 'access'],
      slidingTokenLifetime: 2 * milliseconds.m,
      slidingTokenRefreshLifetime: 2 * milliseconds.h,
      claims: { userId: 'sub', jti: 'id', tokenType: 'https://example.com/type', refreshExp: 'renew_until' },
    },
    signIn: { limits: { address: { attempts: 2, window: 1_000 }, account: { attempts: 3, window: 2_000 } } },
    passwordHashing: { concurrency: 4, queue: 0 },
    metrics: { token: 'm'.repeat(32), host: '::1', port: 9464 },
  });
});
