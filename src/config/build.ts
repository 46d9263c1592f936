import { database, mail, metrics, secondFactors, server, signIn, tokens } from './definition.js';
import { isHmac } from './keys.js';
import type { Setting } from './setting.js';
import type { Config, ManagedKeySettings, TokenSettings } from './types.js';

/** Gives the value of a setting, all of which are known to keep their rules. */
export type Get = <T>(setting: Setting<T>) => T;

/** Puts the settings into the program's own shape. */
export function buildConfig(get: Get): Config {
  return {
    environment: get(server.environment),
    http: {
      host: get(server.host),
      port: get(server.port),
      corsOrigins: get(server.corsOrigins),
      trustProxy: get(server.trustProxy),
      publicUrl: get(server.publicUrl) ?? `http://localhost:${get(server.port)}`,
      shutdownTimeout: get(server.shutdownTimeout),
      eventLoopDelayLimit: get(server.eventLoopDelayLimit),
    },
    graphql: {
      introspection: get(server.introspection),
      limits: {
        tokens: get(server.queryTokenLimit),
        depth: get(server.queryDepthLimit),
        aliases: get(server.queryAliasLimit),
        rootFields: get(server.queryRootFieldLimit),
        directives: get(server.queryDirectiveLimit),
        cost: get(server.queryCostLimit),
      },
      trustedDocuments: get(server.trustedDocuments),
      costLimits: { network: get(server.networkCostLimit), user: get(server.userCostLimit) },
    },
    database: {
      url: get(database.url),
      dataDir: get(database.dataDir),
      migrateOnStart: get(database.migrateOnStart),
      poolSize: get(database.poolSize),
      statementTimeout: get(database.statementTimeout),
      idleInTransactionTimeout: get(database.idleInTransactionTimeout),
    },
    tokens: tokenSettings(get),
    keys: managedKeySettings(get),
    signIn: {
      limits: { pair: get(signIn.pairLimit), address: get(signIn.addressLimit), account: get(signIn.accountLimit) },
    },
    secondFactors: {
      required: get(secondFactors.required),
      attemptLimit: get(secondFactors.attemptLimit),
      rememberedDeviceLifetime: get(secondFactors.rememberedDeviceLifetime),
    },
    passwordHashing: { concurrency: get(signIn.hashConcurrency), queue: get(signIn.hashQueue) },
    breachedPasswordsUrl: get(signIn.breachedPasswordsUrl),
    mail: {
      smtpUrl: get(mail.smtpUrl),
      from: get(mail.from) ?? 'Postern <postern@localhost>',
      language: get(mail.language),
      requireVerifiedEmail: get(mail.requireVerifiedEmail),
    },
    metrics: { token: get(metrics.token), host: get(metrics.host), port: get(metrics.port) },
    flushInterval: get(database.flushInterval),
    securityEventRetention: get(database.securityEventRetention),
    logLevel: get(server.logLevel),
  };
}

function tokenSettings(get: Get): TokenSettings {
  return {
    algorithm: get(tokens.algorithm),
    signingKey: get(tokens.signingKey),
    verifyingKey: get(tokens.verifyingKey),
    jwkUrl: get(tokens.jwkUrl),
    issuer: get(tokens.issuer),
    audience: get(tokens.audience),
    leeway: get(tokens.leeway),
    accessTokenLifetime: get(tokens.accessTokenLifetime),
    refreshTokenLifetime: get(tokens.refreshTokenLifetime),
    rotateRefreshTokens: get(tokens.rotateRefreshTokens),
    blacklistAfterRotation: get(tokens.blacklistAfterRotation),
    updateLastLogin: get(tokens.updateLastLogin),
    rotationGracePeriod: get(tokens.rotationGracePeriod),
    authHeaderTypes: get(tokens.authHeaderTypes),
    authHeaderName: get(tokens.authHeaderName),
    authTokenClasses: get(tokens.authTokenClasses),
    slidingTokenLifetime: get(tokens.slidingTokenLifetime),
    slidingTokenRefreshLifetime: get(tokens.slidingTokenRefreshLifetime),
    claims: {
      userId: get(tokens.userIdClaim),
      jti: get(tokens.jtiClaim),
      tokenType: get(tokens.tokenTypeClaim),
      refreshExp: get(tokens.slidingTokenRefreshExpClaim),
    },
  };
}

/** An instance may learn this late, in milliseconds, that another key signs now, and sign with the old one until then. */
const overlapMargin = 60_000;

function managedKeySettings(get: Get): ManagedKeySettings {
  const encryptionKey = get(tokens.keyEncryptionKey);
  const directory = get(tokens.keysDir);
  return {
    managed: !isHmac(get(tokens.algorithm)) && (encryptionKey !== null || directory !== null),
    encryptionKey,
    directory,
    overlap: get(tokens.keyOverlap) ?? longestUse(get) + get(tokens.leeway) + overlapMargin,
  };
}

/** How long any token is good for something, in milliseconds: access tokens live no longer than what renews them. */
function longestUse(get: Get): number {
  const sliding = get(tokens.authTokenClasses).includes('sliding') ? get(tokens.slidingTokenRefreshLifetime) : 0;
  return Math.max(get(tokens.refreshTokenLifetime), sliding);
}
