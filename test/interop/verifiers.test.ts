import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { describeWith } from '../support/debian.js';
import {
  decoded,
  encoded,
  type Issuer,
  newPrivateKey,
  type PairAlgorithm,
  pyjwt,
  python,
  run,
  startIssuer,
  tokenNames,
} from './support.js';

const minute = 60_000;

/** One line of a verifier's answer. */
type Verdict = Record<string, unknown> & { refused?: string };

const inNode = [process.execPath, 'examples/verify/verify.mjs'];
const inPython = [python, 'examples/verify/verify.py'];

describe('examples/verify/verify.mjs', () => {
  describe.each<PairAlgorithm>(['ES256', 'RS256'])('with %s', (algorithm) => judges(inNode, algorithm));

  test('forgets a retired key when its copy of the keys may no longer be used', async () => {
    const key = newPrivateKey('ES256');
    const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'a', alg: 'ES256' };
    const answers = [{ keys: [jwk] }, { keys: [] }];
    const server = createServer((_request, response) => {
      response.setHeader('cache-control', 'max-age=0').end(JSON.stringify(answers.shift()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const claims = { iss: tokenNames.JWT_ISSUER, aud: tokenNames.JWT_AUDIENCE, token_type: 'access', user_id: '1' };
    const token = jwt.sign(claims, key, { algorithm: 'ES256', keyid: 'a', expiresIn: 60 });
    const verdicts = await verify(inNode, 'ES256', `http://127.0.0.1:${port}/`, [token, token]);
    expect(verdicts).toEqual([expect.objectContaining({ user_id: '1' }), { refused: 'unknown key' }]);
    server.close();
  });
});

const describeWithPython = await describeWith(pyjwt);

describeWithPython('examples/verify/verify.py', () => {
  describe.each<PairAlgorithm>(['ES256', 'RS256'])('with %s', (algorithm) => judges(inPython, algorithm));
});

function judges(verifier: readonly string[], algorithm: PairAlgorithm): void {
  const signingKey = newPrivateKey(algorithm);
  const strangersKey = newPrivateKey(algorithm);
  let issuer: Issuer;
  let log: string[];
  let access: string;

  beforeAll(async () => {
    log = [];
    issuer = await startIssuer({ JWT_ALGORITHM: algorithm, JWT_SIGNING_KEY: signingKey }, (line) => log.push(line));
    access = (await issuer.signIn()).accessToken;
  });
  afterAll(() => issuer.instance.stop());

  const judge = (...tokens: string[]) => verify(verifier, algorithm, issuer.jwksUrl, tokens);

  /** The access token with other claims or another header, properly signed. */
  const signed = (changes: object, { key = signingKey, kid = decoded(access).header.kid ?? '' } = {}) =>
    jwt.sign(withoutUndefined({ ...decoded(access).claims, ...changes }), key, { algorithm, keyid: kid });

  test('an access token is accepted, and says whose it is', async () => {
    expect(await judge(access)).toEqual([decoded(access).claims]);
    expect(decoded(access).claims).toMatchObject({ role: 'user', email: 'carol@example.com' });
  });

  const refusals: [title: string, reason: RegExp, token: () => string | Promise<string>][] = [
    ['a refresh token', /wrong token type/, async () => (await issuer.signIn()).refreshToken],
    ['an expired token', /expired/i, async () => (await issuer.signIn(-10 * minute)).accessToken],
    ['a token that somebody has made an admin', /signature/i, () => withPayload(access, { role: 'admin' })],
    ['a token of another issuer', /issuer/i, () => signed({ iss: 'https://other.example.com' })],
    ['a token for another audience', /audience/i, () => signed({ aud: 'others' })],
    ['a token without an end', /exp/, () => signed({ exp: undefined })],
    ["a stranger's token", /key/, () => signed({}, { key: strangersKey, kid: 'unknown' })],
    ["a stranger's token under our key id", /signature/i, () => signed({}, { key: strangersKey })],
    ['a token whose MAC is made with the public key', /alg/, () => withMac(access, signingKey)],
    ['an unsigned token', /alg/, () => unsigned(access)],
    ['a text', /malformed|segments/, () => 'open sesame'],
  ];

  test.each(refusals)('%s is refused', async (_title, reason, token) => {
    const [verdict] = await judge(await token());
    expect(verdict).toEqual({ refused: expect.stringMatching(reason) });
  });

  test('the keys are fetched once for many tokens, also for those with made-up key ids', async () => {
    log = [];
    const tokens = Array.from({ length: 10 }, (_, index) => [access, signed({}, { kid: `made up ${index}` })]).flat();
    const verdicts = await judge(...tokens);
    expect(verdicts.filter(({ refused }) => refused === undefined)).toHaveLength(10);
    expect(log.filter((line) => line.includes('/.well-known/jwks.json'))).toHaveLength(1);
  });
}

async function verify(
  verifier: readonly string[],
  algorithm: PairAlgorithm,
  jwksUrl: string,
  tokens: readonly string[],
): Promise<Verdict[]> {
  const env = { ...tokenNames, JWKS_URL: jwksUrl, JWT_ALGORITHM: algorithm };
  const output = await run(verifier, { env, input: tokens.map((token) => `${token}\n`).join('') });
  const lines = output.trim().split('\n');
  return lines.map((line): Verdict => JSON.parse(line));
}

function withoutUndefined(claims: object): object {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** The same header and signature around other claims. */
function withPayload(token: string, changes: object): string {
  const [header, , signature] = token.split('.');
  return [header, encoded({ ...decoded(token).claims, ...changes }), signature].join('.');
}

/** The confusion of RFC 8725, section 2.1: the public key, known to all, as an HMAC secret. */
function withMac(token: string, signingKey: string): string {
  const { header, claims } = decoded(token);
  const publicKey = createPublicKey(signingKey).export({ type: 'spki', format: 'pem' });
  const content = encoded({ ...header, alg: 'HS256' }, claims);
  return `${content}.${createHmac('sha256', publicKey).update(content).digest('base64url')}`;
}

function unsigned(token: string): string {
  const { header, claims } = decoded(token);
  return `${encoded({ ...header, alg: 'none' }, claims)}.AA`;
}
