import { database, mail, server, signIn, tokens } from './definition.js';
import type { Setting } from './setting.js';
import type { Config, TokenSettings } from './types.js';

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
      publicUrl: get(server.publicUrl),
      shutdownTimeout: get(server.shutdownTimeout),
    },
    graphql: { introspection: get(server.introspection), queryCostLimit: get(server.queryCostLimit) },
    database: {
      url: get(database.url),
      dataDir: get(database.dataDir),
      migrateOnStart: get(database.migrateOnStart),
      poolSize: get(database.poolSize),
      statementTimeout: get(database.statementTimeout),
      idleInTransactionTimeout: get(database.idleInTransactionTimeout),
    },
    tokens: tokenSettings(get),
    signIn: {
      limits: { pair: get(signIn.pairLimit), address: get(signIn.addressLimit), account: get(signIn.accountLimit) },
    },
    passwordHashing: { concurrency: get(signIn.hashConcurrency), queue: get(signIn.hashQueue) },
    mail: {
      smtpUrl: get(mail.smtpUrl),
      from: get(mail.from),
      requireVerifiedEmail: get(mail.requireVerifiedEmail),
    },
    flushInterval: get(database.flushInterval),
    logLevel: get(server.logLevel),
  };
}

function tokenSettings(get: Get): TokenSettings {
  return {
    algorithm: get(tokens.algorithm),
    signingKey: get(tokens.signingKey),
    verifyingKey: get(tokens.verifyingKey),
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
    claims: { userId: get(tokens.userIdClaim), jti: get(tokens.jtiClaim), tokenType: get(tokens.tokenTypeClaim) },
  };
}
