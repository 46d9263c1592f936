import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { createApp } from '../../../src/app.js';
import { createKeysCommand } from '../../../src/cli/keys.js';
import { loadConfig } from '../../../src/config.js';
import { type Outcome, run, variablesFor } from '../../cli/support.js';
import type { TestApp } from '../../support/app.js';
import { createDataDir, type TestDatabase } from '../../support/databases.js';
import type { FakeClock } from '../../support/fake-clock.js';

/** Managed keys for ES256, encrypted in the database. */
export const managed = {
  JWT_SIGNING_KEY: '',
  JWT_ALGORITHM: 'ES256',
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
};

/** Longer than others may keep the JWK Set. */
export const cacheTime = 300_000;

/** A refresh token's lifetime, and the minute's margin. */
export const overlap = 86_400_000 + 60_000;

/** The command on this database and by this clock, as an operator runs it beside the servers. */
export function keysCommandOn(database: TestDatabase, clock: FakeClock, variables: Record<string, string> = managed) {
  const command = createKeysCommand(clock);
  return (...args: string[]): Promise<Outcome> => run(command, args, { ...variablesFor(database), ...variables });
}

/** What an instance dies of at its start, or `none`. */
export async function faultOfStart(
  database: TestDatabase,
  clock: FakeClock,
  variables: Record<string, string>,
): Promise<string> {
  const dataDir = await createDataDir();
  const settings = {
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: dataDir.path,
    LOG_LEVEL: 'silent',
    ...variablesFor(database),
  };
  const app = await createApp(loadConfig({ ...settings, ...variables }), { clock });
  try {
    await app.start();
    return 'none';
  } catch (error) {
    return String(error);
  } finally {
    await app.stop();
    await dataDir.remove();
  }
}

/** The kid that a command's output begins with or names. */
export function kidIn({ out, err }: Outcome): string {
  const kid = /\b[\w-]{43}(?![\w-])/.exec(out)?.[0];
  if (kid === undefined) throw new Error(`No kid in ${JSON.stringify(out + err)}.`);
  return kid;
}

/** The kids in the instance's JWK Set. */
export async function publishedBy({ app }: TestApp): Promise<string[]> {
  const { keys }: { keys: { kid: string }[] } = (await app.http.inject('/.well-known/jwks.json')).json();
  return keys.map(({ kid }) => kid);
}

/** The kid in a token's header. */
export function kidOf(token: string): string | undefined {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
}

/** Resolves when the instance has heard of it, which may take a second. */
export async function soon(check: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await check())) {
    if (performance.now() - start > 1_000) throw new Error('Not within a second.');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - start;
}

/** A JWT by hand, signed with ES256, or with HS256 where the key is no PEM. */
export function forge(key: string, header: object, payload: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  if (!key.includes('-----BEGIN')) return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  const signature = sign('sha256', Buffer.from(input), { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** The claims of a token, to be signed again by somebody else. */
export function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
