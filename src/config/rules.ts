import { server, tokens } from './definition.js';
import type { ConfigFault } from './error.js';
import { findKeyFaults } from './keys.js';
import type { Setting } from './setting.js';

/** Gives the value of a setting that kept its own rule, else undefined. */
export type Peek = <T>(setting: Setting<T>) => T | undefined;

/** Finds the rules broken by settings that are right by themselves but wrong together. */
export function crossFaults(peek: Peek): ConfigFault[] {
  return [...lifetimeFaults(peek), ...claimFaults(peek), ...keyFaults(peek), ...missingKeyFaults(peek)];
}

function lifetimeFaults(peek: Peek): ConfigFault[] {
  const access = peek(tokens.accessTokenLifetime);
  const refresh = peek(tokens.refreshTokenLifetime);
  if (access === undefined || refresh === undefined || access <= refresh) return [];
  return [fault(tokens.accessTokenLifetime, `must not be longer than ${tokens.refreshTokenLifetime.name}`)];
}

function claimFaults(peek: Peek): ConfigFault[] {
  const claims = [tokens.userIdClaim, tokens.jtiClaim, tokens.tokenTypeClaim];
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
  if (peek(server.environment) !== 'production' || peek(tokens.signingKey) !== null) return [];
  return [fault(tokens.signingKey, 'is required in production')];
}

function fault({ name }: Setting, rule: string): ConfigFault {
  return { name, rule };
}
