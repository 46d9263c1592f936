import { systemClock } from '../common/clock.js';
import { randomPassword } from '../common/random-password.js';
import { loadConfig } from '../config.js';
import { createBreachedPasswords } from '../modules/users/breached-passwords.js';
import { NewPasswords } from '../modules/users/new-passwords.js';
import { PasswordHasher } from '../modules/users/password-hasher.js';
import { UserService } from '../modules/users/user.service.js';
import { defineCommand, runAsProcess } from './command.js';
import type { CommandIo } from './io.js';
import { isInteractive, type Terminal, withTerminal } from './terminal.js';
import { UsageError } from './usage.js';
import { withMigratedDatabase } from './with-database.js';

const help = `Makes an account that may do everything.

npm run createsuperuser -- --username U --email E [--password P | --random-password]

  --username U        1 to 150 ASCII letters, digits and @ . + - _
  --email E           the e-mail address
  --password P        at least 8 characters; other users of this machine may see it in the list of processes
  --random-password   makes a password and prints it once

What is not given is asked for, if there is a terminal. An account that exists is left as it is (exit code 1).
`;

/** What the options leave open, until it has been asked for. */
interface Answers {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}

export const createSuperuser = defineCommand({
  name: 'createsuperuser',
  help,
  options: {
    username: { type: 'string' },
    email: { type: 'string' },
    password: { type: 'string' },
    'random-password': { type: 'boolean', default: false },
  },
  async execute({ 'random-password': random, ...given }, io, variables) {
    if (random && given.password !== undefined) throw new UsageError('Give --password or --random-password, not both.');
    const config = loadConfig(variables);
    const input = await complete(random ? { ...given, password: randomPassword() } : given, io);
    await withMigratedDatabase(config, io, 'as-at-start', async (database) => {
      const warn = (message: string) => io.stderr.write(`${message}\n`);
      const breached = createBreachedPasswords(config.breachedPasswordsUrl, warn);
      const passwords = new NewPasswords(new PasswordHasher(config.passwordHashing), breached);
      const users = new UserService(passwords, systemClock);
      const user = await users.register(database.fork(), input, 'ADMIN');
      io.stdout.write(`The superuser ${user.username} is there.\n`);
    });
    if (random) io.stdout.write(`Password, shown this once: ${input.password}\n`);
  },
});

async function complete(answers: Answers, io: CommandIo): Promise<Required<Answers>> {
  const missing = (['username', 'email', 'password'] as const).filter((name) => answers[name] === undefined);
  if (missing.length === 0) return answersOf(answers);
  if (isInteractive(io)) return withTerminal(io, (terminal) => askFor(answers, terminal));
  const names = missing.map((name) => `--${name}`).join(', ');
  const way = missing.includes('password') ? ' (or --random-password)' : '';
  throw new UsageError(`Not given: ${names}${way}, and there is no terminal to ask at.`);
}

async function askFor(given: Answers, terminal: Terminal): Promise<Required<Answers>> {
  const username = given.username ?? (await terminal.ask('User name: '));
  const email = given.email ?? (await terminal.ask('E-mail address: '));
  const password = given.password ?? (await askTwice(terminal));
  return { username, email, password };
}

async function askTwice(terminal: Terminal): Promise<string> {
  const password = await terminal.askSecretly('Password: ');
  const again = await terminal.askSecretly('Password again: ');
  if (password !== again) throw new UsageError('The two passwords differ.');
  return password;
}

function answersOf({ username, email, password }: Answers): Required<Answers> {
  return { username, email, password };
}

if (import.meta.main) await runAsProcess(createSuperuser);
