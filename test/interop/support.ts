import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import jwt from 'jsonwebtoken';
import { blocksOf, readProjectFile } from '../docs/readme.js';
import { createTestApp, type TestApp } from '../support/app.js';
import type { Pair } from '../support/client.js';
import { type DebianTool, runs } from '../support/debian.js';

/** Debian's own, which has the packages; another one may come first in PATH. */
export const python = process.env['PYTHON'] || '/usr/bin/python3';

export const pyjwt: DebianTool = {
  packages: ['python3-jwt', 'python3-cryptography'],
  probe: runs(python, '-c', 'import jwt, cryptography'),
};
export const simplejwt: DebianTool = {
  packages: ['python3-djangorestframework-simplejwt', ...pyjwt.packages],
  probe: runs(python, '-c', 'import rest_framework_simplejwt, jwt, cryptography'),
};

export type PairAlgorithm = 'ES256' | 'RS256';

export const tokenNames = { JWT_ISSUER: 'https://postern.example.com', JWT_AUDIENCE: 'example-services' };

export function newPrivateKey(algorithm: PairAlgorithm): string {
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A Postern with a user, who can sign in. */
export interface Issuer {
  readonly instance: TestApp;
  readonly jwksUrl: string;
  /** A fresh pair, made that many milliseconds from now. */
  signIn(later?: number): Promise<Pair>;
}

export async function startIssuer(env: Record<string, string>, log?: (line: string) => void): Promise<Issuer> {
  const instance = await createTestApp('pglite', { env: { ...tokenNames, ...env }, ...(log && { log }) });
  await instance.client().register('carol');
  return {
    instance,
    jwksUrl: `${instance.app.url}/.well-known/jwks.json`,
    signIn: async (later = 0) => {
      instance.clock.advance(later);
      const pair = await instance.client().signIn('carol');
      instance.clock.advance(-later);
      return pair;
    },
  };
}

/** Header and claims, unchecked. */
export function decoded(token: string): { header: jwt.JwtHeader; claims: jwt.JwtPayload } {
  const parts = jwt.decode(token, { complete: true });
  if (parts === null || typeof parts.payload === 'string') throw new Error('not a token');
  return { header: parts.header, claims: parts.payload };
}

/** The parts of a token in base64url, from the header on. */
export function encoded(...parts: object[]): string {
  return parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

/** Node is this one, Python Debian's. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), dirname(python), process.env['PATH']].join(':');
  return { PATH: path, PYTHONDONTWRITEBYTECODE: '1', ...variables };
}

/** Runs a program to its end; rejects, with what it wrote to stderr, where it fails. */
export async function run(
  [command = '', ...args]: readonly string[],
  options: { env: Record<string, string>; cwd?: string; input?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { env: environment(options.env), cwd: options.cwd, timeout: 30_000 },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** Starts a program that goes on, and resolves to its first line. */
export async function start(command: string, env: Record<string, string>): Promise<{ line: string; stop(): void }> {
  const child: ChildProcess = spawn('bash', ['-c', `exec ${command}`], { env: environment(env) });
  const stop = () => void child.kill();
  if (!child.stdout || !child.stderr) throw new Error('no pipes');
  const errors = text(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) return { line, stop };
  throw new Error(`${command} ends at once: ${await errors}`);
}

/** The blocks of docs/verifying-tokens.md, in their order. */
export async function documentedBlocks() {
  return blocksOf(await readProjectFile('docs/verifying-tokens.md'));
}

/** The one shell block with this mark. */
export async function documented(mark: string): Promise<string> {
  const block = (await documentedBlocks()).find((each) => each.mark === mark);
  if (!block) throw new Error(`No block is marked ${mark}.`);
  return block.text.trim();
}
