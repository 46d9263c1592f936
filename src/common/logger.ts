import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

/** The part of the configuration that decides how the program logs. */
export interface LogSettings {
  readonly environment: string;
  readonly logLevel: string;
  readonly tokens: { readonly authHeaderName: string };
}

/** Makes the program's logger: readable lines on a terminal in development, one JSON object a line everywhere else. */
export async function createLogger(settings: LogSettings, destination?: DestinationStream): Promise<Logger> {
  const stream = destination ?? (await prettyStream(settings.environment)) ?? pino.destination(1);
  return pino(loggerOptions(settings), stream);
}

function loggerOptions({ logLevel, tokens }: LogSettings): LoggerOptions {
  return {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: secretPaths(tokens.authHeaderName.toLowerCase()), censor: '[redacted]' },
  };
}

/** Nothing logs headers on purpose; this holds where somebody does. */
function secretPaths(authHeaderName: string): string[] {
  const headers = [...new Set(['authorization', 'cookie', 'set-cookie', authHeaderName])];
  return ['headers', 'req.headers', 'res.headers'].flatMap((where) => headers.map((name) => `${where}["${name}"]`));
}

/** Only what helps to find the fault: a driver's other properties carry rows, parameters and statements. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {};
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}

async function prettyStream(environment: string): Promise<DestinationStream | null> {
  if (environment !== 'development' || !process.stdout.isTTY) return null;
  const pretty = await import('pino-pretty').catch(() => null);
  return pretty?.default({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', sync: true }) ?? null;
}
