import { parseArgs } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { type App, createApp } from './app.js';
import { explain } from './cli/explain.js';
import { toUsageError, UsageError } from './cli/usage.js';
import { systemClock } from './common/clock.js';
import { type Config, loadConfig, readVariables } from './config.js';
import { prepareDemo } from './demo/demo.js';
import { describeDemo } from './demo/demo-text.js';
import { mailDirectory } from './modules/mail/file.transport.js';
import { PasswordHasher } from './modules/users/password-hasher.js';

const help = `Serves until it is stopped (SIGTERM or Ctrl-C; a second one ends it at once).

npm start -- [--demo]

  --demo   on demo data, with accounts whose passwords are printed; not in production
`;

interface Options {
  readonly demo: boolean;
  readonly help: boolean;
}

/** The process: settings, start, signals. */
async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  const config = loadConfig(readVariables());
  if (options.demo && config.environment === 'production') throw new UsageError('--demo is not for production.');
  const app = await createApp(config);
  const grace = stopOnSignals(app, config);
  try {
    await app.start();
    if (grace.stopping) return;
    greet(app, config, options);
    if (options.demo) await showDemo(app, config);
  } catch (error) {
    if (grace.stopping) return;
    grace.uninstall();
    complain(error);
    await stopWithin(app, config.http.shutdownTimeout);
    process.exit(1);
  }
}

function readOptions(): Options {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    return parseArgs({ options: { demo: boolean, help: { ...boolean, short: 'h' } } }).values;
  } catch (error) {
    throw toUsageError(error);
  }
}

/** The first signal, or an error that nobody handled, stops the app; a second one, or the time limit, ends the process. */
function stopOnSignals(app: App, config: Config): { readonly stopping: boolean; uninstall(): void } {
  const state = { stopping: false };
  const { logger } = app;
  const { uninstall } = closeWithGrace({ delay: config.http.shutdownTimeout, logger }, async ({ err, signal }) => {
    state.stopping = true;
    if (err) logger.fatal({ err }, 'Stopping, after an error that nobody handled.');
    else logger.info(`Stopping${signal ? ` on ${signal}` : ''}.`);
    await app.stop();
  });
  return Object.assign(state, { uninstall });
}

/** In development for a person, who wants to know what to open next; else for the log. */
function greet(app: App, { environment, database, mail }: Config, { demo }: Options): void {
  const mails = mail.smtpUrl === null ? mailDirectory(database.dataDir) : null;
  if (environment !== 'development') {
    app.logger.info(`Serving at ${app.url}.`);
    if (mails !== null) app.logger.info(`Without SMTP_URL, mails are written to ${mails}.`);
    return;
  }
  const where = database.url === null ? `embedded, in ${database.dataDir}` : 'PostgreSQL, at DATABASE_URL';
  const hint = demo ? '' : '\n  Nothing to play with? npm start -- --demo\n';
  process.stdout.write(`
  Postern is up.

  Explorer   ${app.url}/
  Clients    ${app.url}/graphql
  Database   ${where}
  Mails      ${mails === null ? 'sent by SMTP_URL' : `files in ${mails}`}
${hint}`);
}

async function showDemo(app: App, config: Config): Promise<void> {
  const hasher = new PasswordHasher(config.passwordHashing);
  const hash = (password: string) => hasher.hash(password);
  const accounts = await prepareDemo(app.database.fork(), { hash, clock: systemClock });
  process.stdout.write(describeDemo(accounts, app.url));
}

function complain(error: unknown): void {
  const lines = explain(error) ?? [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

/** What has not started may not stop either: the fault that is known already is the one to tell. */
async function stopWithin(app: App, milliseconds: number): Promise<void> {
  setTimeout(() => process.exit(1), milliseconds).unref();
  await app.stop().catch(() => undefined);
}

await main().catch((error: unknown) => {
  complain(error);
  process.exitCode = 1;
});
