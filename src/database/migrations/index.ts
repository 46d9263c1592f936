import { Migration20261123000000First } from './migration-20261123000000-first.js';
import { Migration20261124000000TokenStatus } from './migration-20261124000000-token-status.js';
import { Migration20261124000100SecurityEvents } from './migration-20261124000100-security-events.js';
import { Migration20261124000200SigningKeys } from './migration-20261124000200-signing-keys.js';
import { Migration20261124000300OneTimeTokens } from './migration-20261124000300-one-time-tokens.js';
import { Migration20261126000000Outbox } from './migration-20261126000000-outbox.js';
import { Migration20261126000100Accounts } from './migration-20261126000100-accounts.js';
import { Migration20261126000200FactorVersion } from './migration-20261126000200-factor-version.js';
import { Migration20261126000200KeptAddresses } from './migration-20261126000200-kept-addresses.js';

/** Every migration, oldest first; a new one adds a line. */
export const migrations = [
  Migration20261123000000First,
  Migration20261124000000TokenStatus,
  Migration20261124000100SecurityEvents,
  Migration20261124000200SigningKeys,
  Migration20261124000300OneTimeTokens,
  Migration20261126000000Outbox,
  Migration20261126000100Accounts,
  Migration20261126000200FactorVersion,
  Migration20261126000200KeptAddresses,
];
