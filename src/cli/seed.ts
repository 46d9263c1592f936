import { systemClock } from '../common/clock.js';
import { randomPassword } from '../common/random-password.js';
import { loadConfig } from '../config.js';
import { seed } from '../demo/seed.js';
import { PasswordHasher } from '../modules/users/password-hasher.js';
import { defineCommand, runAsProcess } from './command.js';
import { Progress } from './progress.js';
import { UsageError } from './usage.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Adds made-up users and posts of the past two years; not in production.

npm run seed -- [--users N] [--posts M]

  --users N   1 to 100000, by default 10
  --posts M   0 to 10000000, by default 100

All these users have one password, which is printed at the end. Run it again for more.
`;

export const seedCommand = defineCommand({
  name: 'seed',
  help,
  options: {
    users: { type: 'string', default: '10' },
    posts: { type: 'string', default: '100' },
  },
  async execute(values, io, variables) {
    const users = wholeNumber('--users', values.users, 1, 100_000);
    const posts = wholeNumber('--posts', values.posts, 0, 10_000_000);
    const config = loadConfig(variables);
    if (config.environment === 'production') throw new UsageError('Made-up users are not for production.');
    const password = randomPassword();
    const passwordHash = await new PasswordHasher(config.passwordHashing).hash(password);
    const bars = { users: new Progress('users', users, io.stderr), posts: new Progress('posts', posts, io.stderr) };
    const { usernames } = await withMigratedDatabase(config, io, 'as-at-start', (database) =>
      seed(database.fork(), {
        users,
        posts,
        passwordHash,
        clock: systemClock,
        onProgress: (what, done) => bars[what].update(done),
      }),
    );
    io.stdout.write(`Added ${users} users (${usernames.at(0)} to ${usernames.at(-1)}) and ${posts} posts.\n`);
    io.stdout.write(`Password of each of these users: ${password}\n`);
  },
});

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}.`);
}

if (import.meta.main) await runAsProcess(seedCommand);
