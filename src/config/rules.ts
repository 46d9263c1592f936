import { mail, metrics, server, tokens } from './definition.js';
import type { ConfigFault } from './error.js';
import { findKeyFaults, isHmac } from './keys.js';
import type { Setting } from './setting.js';

/** Gives the value of a setting that kept its own rule, else undefined. */
export type Peek = <T>(setting: Setting<T>) => T | undefined;

/** Finds the rules broken by settings that are right by themselves but wrong together. */
export function crossFaults(peek: Peek): ConfigFault[] {
  return [
    ...lifetimeFaults(peek),
    ...claimFaults(peek),
    ...keyFaults(peek),
    ...missingKeyFaults(peek),
    ...missingMailFaults(peek),
    ...asymmetricFaults(peek),
    ...plainJwkUrlFaults(peek),
    ...metricsPortFaults(peek),
  ];
}

function lifetimeFaults(peek: Peek): ConfigFault[] {
  const pairs = [
    [tokens.accessTokenLifetime, tokens.refreshTokenLifetime],
    [tokens.slidingTokenLifetime, tokens.slidingTokenRefreshLifetime],
  ] as const;
  return pairs.flatMap(([bearer, renewal]) => {
    const [lifetime, longest] = [peek(bearer), peek(renewal)];
    if (lifetime === undefined || longest === undefined || lifetime <= longest) return [];
    return [fault(bearer, `must not be longer than ${renewal.name}`)];
  });
}

function claimFaults(peek: Peek): ConfigFault[] {
  const claims = [tokens.userIdClaim, tokens.jtiClaim, tokens.tokenTypeClaim, tokens.slidingTokenRefreshExpClaim];
  return claims.flatMap((claim, index) => {
    const name = peek(claim);
    const twin = claims.slice(0, index).find((other) => name !== undefined && peek(other) === name);
    return twin ? [fault(claim, `must differ from ${twin.name}`)] : [];
  });
}

function keyFaults(peek: Peek): ConfigFault[] {
  const algorithm = peek(tokens.algorithm);
  if (algorithm === undefined) return [];
  const found = findKeyFaults({
    algorithm,
    signingKey: peek(tokens.signingKey),
    verifyingKey: peek(tokens.verifyingKey),
  });
  return [
    ...(found.signingKey ? [fault(tokens.signingKey, found.signingKey)] : []),
    ...(found.verifyingKey ? [fault(tokens.verifyingKey, found.verifyingKey)] : []),
  ];
}

/** A key made at start would differ from one instance, and one container, to the next. */
function missingKeyFaults(peek: Peek): ConfigFault[] {
  if (peek(server.environment) !== 'production' || peek(tokens.signingKey) !== null || mayBeManaged(peek)) return [];
  return [fault(tokens.signingKey, 'is required in production')];
}

/** Without them nobody could verify an address, reset a password or get a code. */
function missingMailFaults(peek: Peek): ConfigFault[] {
  if (peek(server.environment) !== 'production') return [];
  return [mail.smtpUrl, mail.from, server.publicUrl]
    .filter((setting) => peek(setting) === null)
    .map((setting) => fault(setting, 'is required in production'));
}

/** Managed keys are made in the database, for all instances at once. A place that is given wrongly is a fault already. */
function mayBeManaged(peek: Peek): boolean {
  const algorithm = peek(tokens.algorithm);
  const hasPlace = peek(tokens.keyEncryptionKey) !== null || peek(tokens.keysDir) !== null;
  return hasPlace && (algorithm === undefined || !isHmac(algorithm));
}

/** Key pairs mean nothing where one secret signs and checks. */
function asymmetricFaults(peek: Peek): ConfigFault[] {
  const algorithm = peek(tokens.algorithm);
  if (algorithm === undefined || !isHmac(algorithm)) return [];
  return [tokens.keysDir, tokens.jwkUrl]
    .filter((setting) => typeof peek(setting) === 'string')
    .map((setting) => fault(setting, `needs a JWT_ALGORITHM with key pairs, not ${algorithm}`));
}

/** Whoever can change the answer signs tokens. */
function plainJwkUrlFaults(peek: Peek): ConfigFault[] {
  if (peek(server.environment) !== 'production' || !peek(tokens.jwkUrl)?.startsWith('http:')) return [];
  return [fault(tokens.jwkUrl, 'must be an https:// URL in production')];
}

/** Nobody could listen on it twice; any free port is another one each time. */
function metricsPortFaults(peek: Peek): ConfigFault[] {
  const port = peek(metrics.port);
  return port && port === peek(server.port) ? [fault(metrics.port, `must differ from ${server.port.name}`)] : [];
}

function fault({ name }: Setting, rule: string): ConfigFault {
  return { name, rule };
}
