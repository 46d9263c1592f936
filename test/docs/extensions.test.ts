import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import jwt from 'jsonwebtoken';
import ts from 'typescript';
import { loadConfig } from '../../src/config.js';
import type { Extensions } from '../../src/modules/auth/extensions.js';
import { ownClaimNames } from '../../src/modules/auth/tokens/token-codec.js';
import { admin } from '../administration/support.js';
import { attempt, codeOf, reasonOf } from '../auth/support.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { passwordOf } from '../support/client.js';
import { blocksOf, readProjectFile } from './readme.js';

const page = await readProjectFile('docs/extensions.md');
const examples = blocksOf(page).filter(({ language }) => language === 'ts');
const example = examples[0]?.text ?? '';

describe('docs/extensions.md', () => {
  test('names every claim that is Postern’s own', () => {
    const { tokens } = loadConfig({ NODE_ENV: 'test' });
    for (const name of ownClaimNames(tokens.claims)) expect(page).toContain(`\`${name}\``);
  });

  test('has one example, which compiles as src/extensions.ts', () => {
    expect(examples).toHaveLength(1);
    expect(faultsOf('src/extensions.ts', example)).toEqual([]);
    expect(faultsOf('src/extensions.ts', example.replace('ipAddress }) {', 'password }) {'))).not.toEqual([]);
  });

  describe('with its example', () => {
    let services: Services;
    let instance: TestApp;

    beforeAll(async () => {
      services = await startServices();
      process.env['BILLING_URL'] = process.env['AUDIT_URL'] = services.url;
      instance = await createTestApp('pglite', { extensions: await load(example) });
      await instance.client().register('alice');
    });
    afterAll(async () => {
      await instance.stop();
      await services.stop();
      for (const name of ['BILLING_URL', 'AUDIT_URL', 'MAINTENANCE']) delete process.env[name];
    });

    test('a token says the plan and the roles, and the next one the new plan', async () => {
      const client = instance.client();
      const { accessToken, refreshToken, user } = await client.signIn('alice');
      expect(jwt.decode(accessToken)).toMatchObject({
        plan: 'gold',
        'https://hasura.io/jwt/claims': {
          'x-hasura-user-id': user.id,
          'x-hasura-default-role': 'user',
          'x-hasura-allowed-roles': ['user'],
        },
      });
      services.plan = null;
      const { data } = await client.refresh(refreshToken);
      expect(jwt.decode(data?.refreshToken.accessToken ?? '')).toMatchObject({ plan: 'free' });
    });

    test('nobody but admins signs in or refreshes during maintenance, and afterwards all do', async () => {
      const { client: root } = await admin(instance);
      const client = instance.client();
      const { refreshToken } = await client.signIn('alice');
      process.env['MAINTENANCE'] = 'on';
      expect(codeOf(await attempt(client, 'alice', passwordOf('alice')))).toBe('INVALID_CREDENTIALS');
      expect(reasonOf(await client.refresh(refreshToken))).toBe('USER_INACTIVE');
      expect(codeOf(await attempt(root, 'root', passwordOf('root')))).toBe('OK');
      process.env['MAINTENANCE'] = 'off';
      expect(reasonOf(await client.refresh(refreshToken))).toBe('OK');
    });

    test('sign-ins are told of, and failed ones without what was typed', async () => {
      const client = instance.client('192.0.2.77');
      const { user } = await client.signIn('alice');
      expect(await services.told('192.0.2.77')).toEqual({
        type: 'signed-in',
        userId: user.id,
        ipAddress: '192.0.2.77',
      });
      await attempt(instance.client('192.0.2.78'), 'alice', 'a wrong guess');
      expect(await services.told('192.0.2.78')).toEqual({ type: 'sign-in-failed', ipAddress: '192.0.2.78' });
    });
  });
});

/** What the compiler says of a file of the project, were this its text. */
function faultsOf(path: string, source: string): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const file = resolve(path);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) =>
    resolve(name) === file ? ts.createSourceFile(name, source, ts.ScriptTarget.Latest) : read(name, ...rest);
  const program = ts.createProgram([file], { ...options, incremental: false }, host);
  const checked = program.getSourceFile(file);
  const faults = [...program.getSyntacticDiagnostics(checked), ...program.getSemanticDiagnostics(checked)];
  return faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** Runs the text as a module; its only import is of types. */
async function load(source: string): Promise<Extensions> {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext },
  });
  const { extensions }: { extensions: Extensions } = await import(
    `data:text/javascript,${encodeURIComponent(outputText)}`
  );
  return extensions;
}

/** What the example calls: a billing that knows one plan, and an audit. */
interface Services {
  readonly url: string;
  /** Null while the billing is out of order. */
  plan: string | null;
  /** Resolves with what the audit was told of that address. */
  told(ipAddress: string): Promise<unknown>;
  stop(): Promise<void>;
}

async function startServices(): Promise<Services> {
  const audited = new Map<string, PromiseWithResolvers<unknown>>();
  const audit = (ipAddress: string) => {
    const entry = audited.get(ipAddress) ?? Promise.withResolvers<unknown>();
    audited.set(ipAddress, entry);
    return entry;
  };
  const server: Server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.method === 'POST') {
      const event: { ipAddress: string } = JSON.parse(body);
      audit(event.ipAddress).resolve(event);
    }
    response.writeHead(services.plan === null ? 503 : 200).end(JSON.stringify({ plan: services.plan }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const services: Services = {
    url: `http://127.0.0.1:${port}`,
    plan: 'gold',
    told: (ipAddress) => audit(ipAddress).promise,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return services;
}
