import { type Config, loadConfig } from '../../src/config.js';
import { mailed } from '../support/mailed.js';

const minute = 60_000;
const explorers = ['https://studio.apollographql.com', 'https://sandbox.embed.apollographql.com'];
const secret = 'a'.repeat(32);

const development: Config = {
  environment: 'development',
  http: {
    host: '127.0.0.1',
    port: 4000,
    corsOrigins: explorers,
    trustProxy: false,
    publicUrl: 'http://localhost:4000',
    shutdownTimeout: 10_000,
    eventLoopDelayLimit: 1_000,
  },
  graphql: {
    introspection: true,
    limits: { tokens: 2_000, depth: 15, aliases: 50, rootFields: 20, directives: 50, cost: 10_000 },
    trustedDocuments: null,
    costLimits: { network: { cost: 1_000_000, window: 10_000 }, user: { cost: 1_000_000, window: 10_000 } },
  },
  database: {
    url: null,
    dataDir: '.data',
    migrateOnStart: true,
    poolSize: 10,
    statementTimeout: 10_000,
    idleInTransactionTimeout: 10_000,
  },
  tokens: {
    algorithm: 'HS256',
    signingKey: null,
    verifyingKey: null,
    issuer: null,
    audience: [],
    leeway: 0,
    accessTokenLifetime: 5 * minute,
    refreshTokenLifetime: 24 * 60 * minute,
    rotateRefreshTokens: true,
    blacklistAfterRotation: true,
    updateLastLogin: true,
    rotationGracePeriod: 10_000,
    authHeaderTypes: ['Bearer'],
    authHeaderName: 'Authorization',
    jwkUrl: null,
    authTokenClasses: ['access'],
    slidingTokenLifetime: 5 * minute,
    slidingTokenRefreshLifetime: 24 * 60 * minute,
    claims: { userId: 'user_id', jti: 'jti', tokenType: 'token_type', refreshExp: 'refresh_exp' },
  },
  keys: { managed: false, encryptionKey: null, directory: null, overlap: 24 * 60 * minute + minute },
  signIn: {
    limits: {
      pair: { attempts: 10, window: 5 * minute },
      address: { attempts: 100, window: 5 * minute },
      account: { attempts: 100, window: 60 * minute },
    },
  },
  passwordHashing: { concurrency: 2, queue: 100 },
  secondFactors: {
    required: 'none',
    attemptLimit: { attempts: 20, window: 24 * 60 * minute },
    rememberedDeviceLifetime: 30 * 24 * 60 * minute,
  },
  breachedPasswordsUrl: null,
  mail: { smtpUrl: null, from: 'Postern <postern@localhost>', language: 'en', requireVerifiedEmail: false },
  metrics: { token: null, host: '127.0.0.1', port: 0 },
  flushInterval: 60 * minute,
  securityEventRetention: 365 * 24 * 60 * minute,
  logLevel: 'info',
};

describe('without any variable', () => {
  test('the settings are the documented defaults', () => {
    expect(loadConfig({})).toEqual(development);
  });

  test('an empty variable counts as unset', () => {
    expect(loadConfig({ PORT: '', JWT_SIGNING_KEY: '', JWT_SIGNING_KEY_FILE: '', JWT_NONSENSE: '' })).toEqual(
      development,
    );
  });

  test('a test environment has the defaults of development', () => {
    expect(loadConfig({ NODE_ENV: 'test' })).toEqual({ ...development, environment: 'test' });
  });
});

test('production listens everywhere, hides the schema and trusts no explorer', () => {
  expect(loadConfig({ ...mailed, NODE_ENV: 'production', JWT_SIGNING_KEY: secret })).toEqual({
    ...development,
    environment: 'production',
    http: { ...development.http, host: '0.0.0.0', corsOrigins: [], publicUrl: mailed.PUBLIC_URL },
    mail: { ...development.mail, smtpUrl: mailed.SMTP_URL, from: mailed.MAIL_FROM },
    graphql: { ...development.graphql, introspection: false },
    tokens: { ...development.tokens, signingKey: secret },
  });
});

test("production's defaults give way to what is set", () => {
  const { http, graphql } = loadConfig({
    ...mailed,
    NODE_ENV: 'production',
    JWT_SIGNING_KEY: secret,
    HOST: '::1',
    INTROSPECTION: 'true',
    CORS_ORIGINS: 'https://example.com',
  });
  expect(http.host).toBe('::1');
  expect(graphql.introspection).toBe(true);
  expect(http.corsOrigins).toEqual(['https://example.com']);
});
