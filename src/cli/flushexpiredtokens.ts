import { systemClock } from '../common/clock.js';
import { loadConfig } from '../config.js';
import { FlushService } from '../modules/auth/maintenance/flush.service.js';
import { retentionOf } from '../modules/auth/revocation/retention.js';
import { defineCommand, runAsProcess } from './command.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Deletes sessions and tokens that have expired, and what else is of no use any more.

npm run flushexpiredtokens

The server does the same by itself, every FLUSH_INTERVAL. On PostgreSQL this is safe beside running servers.
`;

export const flushExpiredTokens = defineCommand({
  name: 'flushexpiredtokens',
  help,
  options: {},
  async execute(_values, io, variables) {
    const config = loadConfig(variables);
    await withMigratedDatabase(config, io, 'refuse', async (database) => {
      const flush = new FlushService(
        retentionOf(config.tokens),
        config.tokens.leeway,
        config.securityEventRetention,
        systemClock,
      );
      const { sessions, refreshTokens, securityEvents, other } = await flush.flush(database.fork());
      io.stdout.write(
        `Deleted: sessions ${sessions}, refresh tokens ${refreshTokens}, security events ${securityEvents}, other rows ${other}.\n`,
      );
    });
  },
});

if (import.meta.main) await runAsProcess(flushExpiredTokens);
