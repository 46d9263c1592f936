import { createPrivateKey } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.js';
import { isHmac, type PairAlgorithm } from '../../../config/keys.js';
import type { Config } from '../../../config.js';
import type { NotificationChannel } from '../../../database/notification-channel.js';
import { SecurityEventRecorder } from '../../security-events/security-event.recorder.js';
import { loadSigningKeys } from '../tokens/signing-keys.js';
import { KeyService } from './key.service.js';
import { publicJwkOf, thumbprint } from './key-pair.js';
import type { KeyDerivation, KeyRing } from './key-ring.js';
import { type KeyVault, openKeyVault } from './key-vault.js';
import { ManagedKeyRing, signingKeyChannel } from './managed-key-ring.js';
import { SigningKeyError } from './signing-key.error.js';

/** The keys of an instance, be they configured or managed. */
export interface Keys {
  readonly ring: KeyRing;
  readonly derivation: KeyDerivation;
  /** To be called once the tables are there; may be called again when it has failed because the database was away. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface KeySurroundings {
  readonly fork: () => EntityManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channel: (name: string) => NotificationChannel;
}

type KeyConfig = Pick<Config, 'tokens' | 'keys' | 'database'>;

/** Whether signing keys are managed; narrows the algorithm to those that have key pairs. */
function managedAlgorithm({ tokens, keys }: KeyConfig): PairAlgorithm | null {
  return keys.managed && !isHmac(tokens.algorithm) ? tokens.algorithm : null;
}

/** What private parts of managed keys lie in, opened before anything else: throws SigningKeyError where that is no good. */
export async function openVault(config: KeyConfig): Promise<KeyVault | null> {
  return managedAlgorithm(config) === null ? null : openKeyVault(config.keys);
}

/** The configured key, or the managed ones of the vault; throws SigningKeyError for a key that is no good. */
export async function createKeys(config: KeyConfig, vault: KeyVault | null, around: KeySurroundings): Promise<Keys> {
  const algorithm = managedAlgorithm(config);
  if (vault === null || algorithm === null) return configuredKeys(config);
  const ring = new ManagedKeyRing(algorithm, around.channel(signingKeyChannel), vault, around);
  const service = keyService(config, vault, around.clock);
  return {
    ring,
    derivation: vault,
    async start() {
      await service.makeFirst(around.fork(), config.tokens.signingKey);
      await ring.start();
      if (isUnused(config, ring)) around.logger.warn('JWT_SIGNING_KEY is none of the managed keys, and is not used.');
    },
    stop: () => ring.stop(),
  };
}

/** What `npm run keys` works with; throws SigningKeyError where keys are not managed. */
export function keyService(config: KeyConfig, vault: KeyVault | null, clock: Clock): KeyService {
  const algorithm = managedAlgorithm(config);
  if (vault === null || algorithm === null) {
    throw new SigningKeyError(
      'Keys are managed where JWT_ALGORITHM is an RS, PS or ES one, and KEY_ENCRYPTION_KEY or JWT_KEYS_DIR is set; see docs/keys.md.',
    );
  }
  return new KeyService(vault, new SecurityEventRecorder(clock), { algorithm, overlap: config.keys.overlap }, clock);
}

/** Whether a key is configured that the database, which has the say, does not know or does not accept any more. */
function isUnused({ tokens }: KeyConfig, ring: KeyRing): boolean {
  if (tokens.signingKey === null) return false;
  return ring.candidates(thumbprint(publicJwkOf(createPrivateKey(tokens.signingKey)))).length === 0;
}

async function configuredKeys({ tokens, database }: KeyConfig): Promise<Keys> {
  const keys = await loadSigningKeys(tokens, database.dataDir);
  const nothing = () => Promise.resolve();
  return { ring: keys, derivation: keys, start: nothing, stop: nothing };
}
