import fc from 'fast-check';
import { ConfigError, loadConfig, type Variables } from '../../src/config.js';

/** The message's lines; fails where the settings are accepted. */
function faultsOf(variables: Variables): string[] {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('The settings were accepted.');
}

const secret = 'a'.repeat(32);

test.each([
  ['NODE_ENV', 'prod', 'must be one of development, test, production'],
  ['PORT', '65536', 'must be a whole number from 0 to 65535'],
  ['PORT', '-1', 'must be a whole number'],
  ['PORT', '4e3', 'must be a whole number'],
  ['PORT', ' 4000', 'must be a whole number'],
  ['HOST', 'http://localhost', 'must be an IP address or a host name'],
  ['HOST', '[::1]', 'must be an IP address or a host name'],
  ['HOST', 'a b', 'must be an IP address or a host name'],
  ['PUBLIC_URL', 'example.com', 'must be an http:// or https:// URL'],
  ['PUBLIC_URL', 'ftp://example.com', 'must be an http:// or https:// URL'],
  ['PUBLIC_URL', 'https://example.com/?a=1', 'must be an http:// or https:// URL'],
  ['PUBLIC_URL', 'https://user:word@example.com', 'must be an http:// or https:// URL'],
  ['CORS_ORIGINS', '*', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'https://*.example.com', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'https://example.com/', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'https://example.com/path', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'https://user@example.com', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'example.com', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'null', 'entry 1 must be an exact origin'],
  ['CORS_ORIGINS', 'https://a.example,,https://b.example', 'entry 2 must be an exact origin'],
  ['TRUST_PROXY', 'yes', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '101', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '10.0.0.0/33', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '0.0.0.0/0', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '10.0.0.0/8/8', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '10.0.0.256', 'must be true, false, a number of hops'],
  ['TRUST_PROXY', '::1,loopback', 'must be true, false, a number of hops'],
  ['INTROSPECTION', 'yes', 'must be true or false'],
  ['QUERY_COST_LIMIT', '0', 'must be a whole number from 1'],
  ['QUERY_COST_LIMIT', '-1', 'must be a whole number from 1'],
  ['QUERY_TOKEN_LIMIT', '99', 'must be a whole number from 100'],
  ['QUERY_TOKEN_LIMIT', '15001', 'must be a whole number from 100'],
  ['QUERY_DEPTH_LIMIT', '0', 'must be a whole number from 1'],
  ['QUERY_ALIAS_LIMIT', '-1', 'must be a whole number from 0'],
  ['QUERY_ROOT_FIELD_LIMIT', '0', 'must be a whole number from 1'],
  ['QUERY_DIRECTIVE_LIMIT', 'many', 'must be a whole number from 0'],
  ['COST_LIMIT_NETWORK', '0/10s', 'must be a cost from 1 to 1000000000'],
  ['COST_LIMIT_NETWORK', '10', 'must be a cost from 1'],
  ['COST_LIMIT_USER', '10/10s/1', 'must be a cost from 1'],
  ['EVENT_LOOP_DELAY_LIMIT', '2m', 'must be a duration from 0s to 1m'],
  ['MIGRATE_ON_START', 'TRUE', 'must be true or false'],
  ['LOG_LEVEL', 'verbose', 'must be one of trace, debug'],
  ['SHUTDOWN_TIMEOUT', '0s', 'must be a duration from 1s to 24d'],
  ['FLUSH_INTERVAL', '25d', 'must be a duration from 0s to 24d'],
  ['SECURITY_EVENT_RETENTION', '29d', 'must be 0s or a duration from 30d to 3650d'],
  ['METRICS_TOKEN', 'a'.repeat(31), 'must be 32 characters or more'],
  ['METRICS_TOKEN', `${'a'.repeat(16)} ${'a'.repeat(16)}`, 'must be 32 characters or more of printable ASCII'],
  ['METRICS_TOKEN', 'ä'.repeat(32), 'must be 32 characters or more of printable ASCII'],
  ['METRICS_PORT', '65536', 'must be a whole number from 0 to 65535'],
  ['METRICS_PORT', '4000', 'must differ from PORT'],
  ['METRICS_HOST', 'http://localhost', 'must be an IP address or a host name'],
  ['DATA_DIR', '.data ', 'must be text on one line'],
  ['DATABASE_URL', 'mysql://localhost/postern', 'must be a postgres:// or postgresql:// URL'],
  ['DATABASE_URL', 'localhost:5432', 'must be a postgres:// or postgresql:// URL'],
  ['DATABASE_URL', 'postgres://user:12/34@localhost/postern', 'percent-encoded'],
  ['DATABASE_URL', 'postgres://user:12?34@localhost/postern', 'percent-encoded'],
  ['DATABASE_URL', 'postgres://user:12#34@localhost/postern', 'percent-encoded'],
  ['DATABASE_URL', 'postgres://user:100%@localhost/postern', 'percent-encoded'],
  ['DATABASE_POOL_SIZE', '0', 'must be a whole number from 1'],
  ['DATABASE_STATEMENT_TIMEOUT', '10', 'must be a duration'],
  ['DATABASE_IDLE_IN_TRANSACTION_TIMEOUT', '10ms', 'must be a duration'],
  ['JWT_SIGNING_KEY', '   ', 'must not be blank'],
  ['JWT_ALGORITHM', 'none', 'must be one of HS256'],
  ['JWT_ALGORITHM', 'hs256', 'must be one of HS256'],
  ['JWT_ALGORITHM', 'EdDSA', 'must be one of HS256'],
  ['JWT_ISSUER', ' issuer', 'must be text on one line'],
  ['JWT_AUDIENCE', 'a\nb', 'must be text on one line'],
  ['JWT_AUDIENCE', 'a,,b', 'entry 2 must be text on one line'],
  ['JWT_LEEWAY', '-1s', 'must be a duration'],
  ['JWT_ACCESS_TOKEN_LIFETIME', '0s', 'must be a duration from 1s'],
  ['JWT_ACCESS_TOKEN_LIFETIME', '25h', 'must not be longer than JWT_REFRESH_TOKEN_LIFETIME'],
  ['JWT_REFRESH_TOKEN_LIFETIME', '1w', 'must be a duration'],
  ['JWT_AUTH_HEADER_NAME', 'X Token', "must be a header's name"],
  ['JWT_AUTH_HEADER_NAME', 'X-Token:', "must be a header's name"],
  ['JWT_AUTH_HEADER_TYPES', 'Bearer,J WT', 'entry 2 must be an authentication scheme'],
  ['JWT_AUTH_HEADER_TYPES', 'Bearer,bearer', 'must name each authentication scheme once'],
  ['JWT_USER_ID_CLAIM', 'sid', "must be a claim's name"],
  ['JWT_USER_ID_CLAIM', 'user id', "must be a claim's name"],
  ['JWT_USER_ID_CLAIM', '__proto__', "must be a claim's name"],
  ['JWT_JTI_CLAIM', 'user_id', 'must differ from JWT_USER_ID_CLAIM'],
  ['JWT_TOKEN_TYPE_CLAIM', 'jti', 'must differ from JWT_JTI_CLAIM'],
  ['JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM', 'exp', "must be a claim's name"],
  ['JWT_SLIDING_TOKEN_REFRESH_EXP_CLAIM', 'token_type', 'must differ from JWT_TOKEN_TYPE_CLAIM'],
  ['JWT_AUTH_TOKEN_CLASSES', 'access,refresh', 'entry 2 must be one of access, sliding'],
  ['JWT_AUTH_TOKEN_CLASSES', 'access,access', 'must name one or more of access, sliding, each once'],
  ['JWT_SLIDING_TOKEN_LIFETIME', '0s', 'must be a duration from 1s'],
  ['JWT_SLIDING_TOKEN_LIFETIME', '25h', 'must not be longer than JWT_SLIDING_TOKEN_REFRESH_LIFETIME'],
  ['JWT_SLIDING_TOKEN_REFRESH_LIFETIME', '1w', 'must be a duration'],
  ['SIGN_IN_LIMIT_PAIR', '10', 'must be a number of failures'],
  ['SIGN_IN_LIMIT_PAIR', '0/5m', 'must be a number of failures'],
  ['SIGN_IN_LIMIT_ADDRESS', '10/0s', 'must be a number of failures'],
  ['SIGN_IN_LIMIT_ACCOUNT', '10/5m/5m', 'must be a number of failures'],
  ['PASSWORD_HASH_CONCURRENCY', '0', 'must be a whole number from 1'],
  ['PASSWORD_HASH_QUEUE', '1.5', 'must be a whole number'],
  ['SMTP_URL', 'http://localhost', 'must be a smtp:// or smtps:// URL'],
  ['SMTP_URL', 'smtp://', 'must be a smtp:// or smtps:// URL'],
  ['MAIL_FROM', 'postern', 'must be an e-mail address'],
  ['MAIL_FROM', 'Postern <postern>', 'must be an e-mail address'],
  ['MAIL_FROM', 'a@example.com\nBcc: b@example.com', 'must be an e-mail address'],
  ['REQUIRE_VERIFIED_EMAIL', 'yes', 'must be true or false'],
  ['MAIL_LANGUAGE', 'fr', 'must be one of en, de'],
  ['REQUIRE_SECOND_FACTOR', 'admins', 'must be one of none, admin, all'],
  ['SECOND_FACTOR_LIMIT', '20', 'must be a number of failures from 1 to 1000000 and a duration'],
  ['REMEMBERED_DEVICE_LIFETIME', '1m', 'must be 0s or a duration from 1h to 365d'],
  ['BREACHED_PASSWORDS_URL', 'pwnedpasswords.com', 'must be an http:// or https:// URL'],
])('%s=%j is refused with one line that names it and its rule', (name, value, rule) => {
  const faults = faultsOf({ [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name} `));
  expect(faults[0]).toContain(rule);
});

test.each(['exp', 'iat', 'nbf', 'iss', 'aud', 'sid', 'role', 'email', 'token_version'])(
  'no configurable claim may be named %s',
  (claim) => {
    const faults = faultsOf({ JWT_USER_ID_CLAIM: claim, JWT_JTI_CLAIM: claim, JWT_TOKEN_TYPE_CLAIM: claim });
    expect(faults.map((line) => line.split(' ')[0])).toEqual([
      'JWT_USER_ID_CLAIM',
      'JWT_JTI_CLAIM',
      'JWT_TOKEN_TYPE_CLAIM',
    ]);
  },
);

describe('all faults come at once', () => {
  test('broken rules of single settings, of settings together and unknown names, one line each', () => {
    const faults = faultsOf({
      PORT: 'x',
      CORS_ORIGINS: '*,https://example.com/',
      JWT_SIGNING_KEY: 'short',
      JWT_ACCESS_TOKEN_LIFETIME: '2d',
      JWT_ISUER: 'me',
      SIGN_IN_LIMIT_PAIR: 'x',
    });
    expect(faults.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'CORS_ORIGINS',
      'CORS_ORIGINS',
      'SIGN_IN_LIMIT_PAIR',
      'JWT_ACCESS_TOKEN_LIFETIME',
      'JWT_SIGNING_KEY',
      'JWT_ISUER',
    ]);
  });

  test('they can be read one by one too', () => {
    const attempt = () => loadConfig({ PORT: 'x', JWT_LEEWAY: 'y' });
    expect(attempt).toThrow(
      expect.objectContaining({
        faults: [expect.objectContaining({ name: 'PORT' }), expect.objectContaining({ name: 'JWT_LEEWAY' })],
      }),
    );
  });

  test('production requires a signing key, and all that mails need', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual(
      ['JWT_SIGNING_KEY', 'SMTP_URL', 'MAIL_FROM', 'PUBLIC_URL'].map((name) => `${name} is required in production`),
    );
  });
});

describe('a variable with a prefix of ours that is no setting', () => {
  test.each([
    ['JWT_ACESS_TOKEN_LIFETIME', '; did you mean JWT_ACCESS_TOKEN_LIFETIME?'],
    ['JWT_SIGNINGKEY_FILE', '; did you mean JWT_SIGNING_KEY_FILE?'],
    ['SIGN_IN_LIMITS_PAIR', '; did you mean SIGN_IN_LIMIT_PAIR?'],
    ['jwt_issuer', '; did you mean JWT_ISSUER?'],
    // Settings that SimpleJWT has removed.
    ['JWT_AUTH_HEADER_TYPE', '; did you mean JWT_AUTH_HEADER_TYPES?'],
    ['JWT_AUTH_TOKEN_CLASS', '; did you mean JWT_AUTH_TOKEN_CLASSES?'],
    ['JWT_SECRET_KEY', '; did you mean JWT_SIGNING_KEY?'],
    ['JWT_TOKEN_BACKEND_CLASS', ''],
    ['JWT_COOKIE_COLOUR_SCHEME', ''],
  ])('%s is refused, with the nearest known name if there is one', (name, hint) => {
    expect(faultsOf({ [name]: 'x' })).toEqual([`${name} is not a setting${hint}`]);
  });

  test("others' variables are none of our business", () => {
    expect(() => loadConfig({ PATH: '/bin', DATABASE_PRIVATE_URL: 'x', npm_config_cache: 'y' })).not.toThrow();
  });
});

describe('no fault repeats a value', () => {
  const secretive = [
    'JWT_SIGNING_KEY',
    'JWT_VERIFYING_KEY',
    'DATABASE_URL',
    'SMTP_URL',
    'METRICS_TOKEN',
    'JWT_SECRET',
    'CORS_ORIGINS',
  ];

  test('whatever stands in whatever variable', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...secretive),
        fc.constantFrom('HS512', 'RS256', 'ES384'),
        marked(),
        (name, jwt, text) => {
          const lines = faultsOf({ [name]: text, JWT_ALGORITHM: jwt, PORT: text, LOG_LEVEL: text });
          expect(lines.join('\n')).not.toContain('s3kr1t');
        },
      ),
    );
  });
});

/** Text around a mark to look for, in the forms that secrets take. */
function marked(): fc.Arbitrary<string> {
  const text = fc.tuple(fc.string({ unit: 'binary' }), fc.string()).map(([before, after]) => `${before}s3kr1t${after}`);
  return fc.oneof(
    text,
    text.map((body) => `postgres://user:${body}@localhost/postern`),
    text.map((body) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`),
  );
}

test('a secret long enough passes beside other faults', () => {
  expect(faultsOf({ JWT_SIGNING_KEY: secret, PORT: 'x' })).toHaveLength(1);
});
